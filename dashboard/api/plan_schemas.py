"""What the page Plan may ask, checked at the edge."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from dashboard.api.schemas import AppId, Word
from dashboard.plan_view import MAX_VERSION
from storage.plans import MAX_NOTE_BYTES
from storage.schema import MAX_PATH_BYTES
from tracking_plan.model import Formats, UnplannedEvents, UnplannedProperties
from tracking_plan.property_form import JSON_TYPES, JsonType, PropertyForm

#: Longest plan that is edited on the page, in bytes; `lvd plan push` takes larger ones.
MAX_PLAN_BYTES = 4 * 2**20
#: Largest request with such a text: JSON writes a line break or a quote as two bytes.
MAX_BODY_BYTES = 2 * MAX_PLAN_BYTES + 2**16

#: What people are told of a larger one.
TOO_LARGE = f"a plan of more than {MAX_PLAN_BYTES // 2**20} MB is not edited here: use `lvd plan push`"


def _fits(text: str) -> str:
    if len(text.encode()) > MAX_PLAN_BYTES:
        raise ValueError(TOO_LARGE)
    return text


Text = Annotated[str, AfterValidator(_fits)]
Path = Annotated[str, StringConstraints(max_length=MAX_PATH_BYTES)]
#: One rule of a form: a pattern, a value, a description.
Rule = Annotated[str, StringConstraints(max_length=5_000)]
Tag = Annotated[str, StringConstraints(max_length=200)]
Version = Annotated[int, Field(ge=0, le=MAX_VERSION)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlanAsked(_Asked):
    """What the page shows of a plan."""

    app_id: AppId
    #: 0: the one in force.
    version: Version = 0
    #: The event that is open; "": the first one.
    event: Word = ""
    search: Word = ""
    #: The last answer's tags: equal while list and event read the same.
    list_tag: Tag = ""
    event_tag: Tag = ""


class VersionsAsked(_Asked):
    """Which two versions are compared; 0: the one in force, and the one before `after`."""

    app_id: AppId
    before: Version = 0
    after: Version = 0
    list_tag: Tag = ""
    diff_tag: Tag = ""


class DescribePlan(_Asked):
    """The plan's own name and switches."""

    do: Literal["describe_plan"]
    name: Word
    formats: Formats
    unplanned_events: UnplannedEvents
    unplanned_properties: UnplannedProperties


class AddEvent(_Asked):
    """One more event."""

    do: Literal["add_event"]
    name: Word
    description: Rule = ""


class RenameEvent(_Asked):
    """Another name and description of an event."""

    do: Literal["rename_event"]
    event: Word
    name: Word
    description: Rule = ""


class RemoveEvent(_Asked):
    """An event goes."""

    do: Literal["remove_event"]
    event: Word


class PutProperty(_Asked):
    """A property, new or in the place of another one."""

    do: Literal["put_property"]
    event: Word
    #: The path that it had; None: it is new.
    replaces: Path | None = None
    path: Path
    types: Annotated[tuple[JsonType, ...], Field(max_length=len(JSON_TYPES))] = ()
    required: bool = False
    values: Annotated[tuple[Rule, ...], Field(max_length=1_000)] = ()
    pattern: Rule = ""
    least: Word = ""
    most: Word = ""
    description: Rule = ""

    def form(self) -> PropertyForm:
        """As the plan's room takes it."""
        return PropertyForm(
            path=self.path,
            types=self.types,
            required=self.required,
            values=self.values,
            pattern=self.pattern,
            least=self.least,
            most=self.most,
            description=self.description,
        )


class RemoveProperty(_Asked):
    """A property goes."""

    do: Literal["remove_property"]
    event: Word
    path: Path


class PlanUnplanned(_Asked):
    """An event that came without being planned, drawn from the fields that it had."""

    do: Literal["plan_unplanned"]
    event: Word


class TakeFile(_Asked):
    """The text is a file's, of any format that is understood; a draft is made of it."""

    do: Literal["take_file"]


#: Steps that change the document.
Change = DescribePlan | AddEvent | RenameEvent | RemoveEvent | PutProperty | RemoveProperty | PlanUnplanned
Step = Annotated[Change | TakeFile, Field(discriminator="do")]


class DraftAsked(_Asked):
    """A draft, what is to be done with it, and which of its events is open."""

    app_id: AppId
    #: None: what is in force.
    text: Text | None = None
    #: Its extension tells the format.
    filename: Word = "plan.yaml"
    step: Step | None = None
    event: Word = ""
    search: Word = ""


class SaveAsked(_Asked):
    """A draft that is to be the next version."""

    app_id: AppId
    #: The version that the draft was made of.
    base_version: Version
    text: Text
    filename: Word
    note: Annotated[str, StringConstraints(max_length=MAX_NOTE_BYTES)] = ""
