"""Reading and writing plans in every format that is understood."""

from tracking_plan.formats.detect import load_plan, read_plan
from tracking_plan.formats.native import to_document

__all__ = ["load_plan", "read_plan", "to_document"]
