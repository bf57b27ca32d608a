"""Since which version an issue is there, and in which it is gone."""

import pytest

from dashboard.view_models.app_versions import Story, shares, stories, told
from storage.readers import SourceInfo
from tests.support.issues import issue, issues, source


def story(versions: list[tuple[str, int, int]], platform: str = "android") -> Story:
    """Of versions as (name, events sent, violations), first seen in the order given."""
    sources = {number: source(number, name, platform) for number, (name, _, _) in enumerate(versions, 1)}
    hits = {number: hit for number, (_, _, hit) in enumerate(versions, 1) if hit}
    sent = {f"s{number}": count for number, (_, count, _) in enumerate(versions, 1)}
    shown = issue(by_source=hits)
    (found,) = stories(shown, issues(shown, sources=sources, **sent))
    return found


@pytest.mark.parametrize(
    ("versions", "words"),
    [
        # A clean version before.
        ([("4.1.9", 500, 0), ("4.2.0", 200, 120)], "Broken since 4.2.0 on android"),
        # Mended after.
        (
            [("4.1.9", 500, 0), ("4.2.0", 200, 120), ("4.2.1", 300, 0)],
            "Broken since 4.2.0 on android, right again in 4.2.1",
        ),
        # Mended, and broken once more.
        (
            [("4.1.9", 500, 0), ("4.2.0", 200, 120), ("4.2.1", 300, 0), ("4.3.0", 90, 50), ("4.3.1", 9, 5)],
            "Broken since 4.2.0 on android, right in 4.2.1, broken again since 4.3.0",
        ),
        (
            [("4.2.0", 200, 120), ("4.2.1", 300, 0), ("4.3.0", 90, 50), ("4.3.1", 90, 0)],
            "In 4.2.0, 4.3.0 on android, right in 4.2.1, broken again since 4.3.0, right again in 4.3.1",
        ),
        (
            [("4.1.9", 500, 0), ("4.2.0", 200, 120), ("4.2.1", 300, 0), ("4.3.0", 4, 4)],
            "Broken since 4.2.0 on android",
        ),
        # A stray violation does not make an old version broken.
        ([("4.1.9", 500, 2), ("4.2.0", 200, 120)], "Broken since 4.2.0 on android"),
        # All alike: noise tells no version.
        ([("4.1.9", 500, 6), ("4.2.0", 400, 5)], "In 4.1.9, 4.2.0 on android"),
        # No version before sent the event.
        ([("4.2.0", 200, 120)], "In 4.2.0 on android"),
        ([("4.1.9", 0, 0), ("4.2.0", 200, 120)], "In 4.2.0 on android"),
        # Too few events to call a version right: at 10 % five would be hit of fifty.
        ([("4.1.9", 49, 0), ("4.2.0", 200, 20)], "In 4.2.0 on android"),
        ([("4.1.9", 50, 0), ("4.2.0", 200, 20)], "Broken since 4.2.0 on android"),
        # Too few hits to trust a share.
        ([("4.1.9", 5_000, 3), ("4.2.0", 4, 4)], "In 4.1.9, 4.2.0 on android"),
        # By number, whichever was seen first.
        ([("4.10.0", 200, 120), ("4.9.0", 500, 0)], "Broken since 4.10.0 on android"),
        ([("4.2.0", 500, 0), ("4.2.0-beta", 200, 120)], "In 4.2.0-beta on android, right again in 4.2.0"),
        # Without numbers, by when each was first seen.
        ([("zebra", 500, 0), ("ant", 200, 120)], "Broken since ant on android"),
        ([("a", 9, 9), ("b", 9, 9), ("c", 9, 9), ("d", 9, 9)], "In a, b and 2 more on android"),
    ],
)
def test_the_story_of_an_issue_on_one_platform(versions: list[tuple[str, int, int]], words: str) -> None:
    assert told(story(versions)) == words


def test_programs_of_one_version_count_together() -> None:
    sources: dict[int, SourceInfo] = {
        1: source(1, "4.1.9"),
        2: source(2, "4.2.0", environment="prod"),
        3: source(3, "4.2.0", environment="test"),
    }
    shown = issue(by_source={2: 10, 3: 30})
    (found,) = stories(shown, issues(shown, sources=sources, s1=100, s2=60, s3=40))
    assert shares(found) == "4.1.9: 0 % of 100, 4.2.0: 40.0 % of 100"


def test_each_platform_has_its_own_story_and_those_without_the_issue_none() -> None:
    sources = {1: source(1, "4.1.9", "ios"), 2: source(2, "4.2.0", "ios"), 3: source(3, "4.2.0", "web")}
    shown = issue(by_source={2: 50})
    found = stories(shown, issues(shown, sources=sources, s1=100, s2=100, s3=900))
    assert [told(each) for each in found] == ["Broken since 4.2.0 on ios"]
    shown = issue(by_source={2: 50, 3: 10})
    found = stories(shown, issues(shown, sources=sources, s1=100, s2=100, s3=900))
    assert [told(each) for each in found] == ["Broken since 4.2.0 on ios", "In 4.2.0 on web"]


@pytest.mark.parametrize("version", ["", "(other)"])
def test_a_program_that_names_no_version_has_no_story(version: str) -> None:
    shown = issue(by_source={1: 50})
    assert stories(shown, issues(shown, sources={1: source(1, version)}, s1=100)) == []


def test_names_of_versions_and_platforms_are_shown_as_text_that_can_be_seen() -> None:
    assert told(story([("4.2\u202e", 9, 9)], "and\u200broid")) == "In 4.2\\u202e on and\\u200broid"


def test_several_violations_in_one_event_are_no_more_than_all_of_them() -> None:
    assert shares(story([("4.2.0", 10, 30)])) == "4.2.0: 100 % of 10"
