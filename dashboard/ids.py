"""Component ids, in one place: layout, callbacks, scripts and browser tests name them by these words."""

from enum import StrEnum


class Ids(StrEnum):
    """Every component id of the app."""

    # Shell
    APP_CHOICE = "app-choice"
    RANGE_CHOICE = "range-choice"
    RANGE_CUSTOM = "range-custom"
    RANGE_FROM = "range-from"
    RANGE_TO = "range-to"
    THEME_TOGGLE = "theme-toggle"
    TIME_ZONE = "time-zone"
    BANNER = "banner"
    BANNER_TEXT = "banner-text"
    NOTICE = "notice"
    NOTICE_TEXT = "notice-text"
    NOTICE_CLOSE = "notice-close"

    # The page's state
    PAGE = "live-page"
    VIEW = "view"
    APPS = "apps"
    TICK = "tick"
    WAIT_FOR_APPS = "wait-for-apps"
    EMPTY_APP = "empty-app"
    TILES = "tiles"
    UPPER = "upper"
    LISTS = "lists"

    # Chart and problems
    CHART = "verdict-chart"
    CHART_DATA = "verdict-chart-data"
    PROBLEMS = "problems"
    PROBLEMS_DATA = "problems-data"

    # Events and rejected events
    TAB = "tab"
    EVENTS_PANEL = "events-panel"
    REJECTED_PANEL = "rejected-panel"
    FILTERS = "filters"
    NAMES = "filter-names"
    STATUSES = "filter-statuses"
    ORDER = "order"
    GRID = "event-grid"
    GRID_TOTAL = "grid-total"
    GRID_NOTE = "grid-note"
    GRID_EMPTY = "grid-empty"
    GRID_EMPTY_TEXT = "grid-empty-text"
    CLEAR_FILTERS = "clear-filters"
    NEW_ROWS = "new-rows"
    SUBJECT = "filter-subject"
    RUN = "filter-run"
    FOLLOW = "follow"
    PAUSE = "pause"
    LAG = "lag"
    RECONCILED = "reconciled"
    JUMPS = "jumps"
    KEYS = "keys"
    KEYS_LIST = "keys-list"
    KEYS_OPEN = "keys-open"
    JUMP_ROW = "jump-row"
    JUMP_TOP = "jump-top"
    JUMP_END = "jump-end"
    REJECTED_GRID = "rejected-grid"
    REJECTED_HINT = "rejected-hint"
    REJECTED_NOTE = "rejected-note"
    REJECTED_MORE = "rejected-more"

    # Drawer
    DRAWER = "drawer"
    DRAWER_TITLE = "opened-title"
    DRAWER_BODY = "opened-body"
    OPENED = "opened"

    # Rejected
    REJECTS = "rejects-page"
    REJECTS_APP = "rejects-app"
    REJECTS_RANGE = "rejects-range"
    REJECTS_ZONE = "rejects-zone"
    REJECTS_START = "rejects-start"
    REJECTS_VIEW = "rejects-view"
    REJECTS_GROUPS = "rejects-groups"
    REJECTS_NOTE = "rejects-note"
    REJECTS_LIST = "rejects-list"
    REJECTS_REPLAY = "rejects-replay"
    REJECTS_MORE = "rejects-more"
    REJECTS_TOP = "rejects-top"
    REJECTS_EXPORT = "rejects-export"

    # Overview
    OVERVIEW = "overview-page"
    OVERVIEW_START = "overview-start"
    OVERVIEW_OPENED = "overview-opened"
    OVERVIEW_BODY = "overview-body"

    # Issues
    ISSUES = "issues-page"
    ISSUES_APP = "issues-app"
    ISSUES_RANGE = "issues-range"
    ISSUES_ZONE = "issues-zone"
    ISSUES_APPS = "issues-apps"
    ISSUES_VIEW = "issues-view"
    ISSUES_STANDING = "issues-standing"
    ISSUES_NAMES = "issues-names"
    ISSUES_KINDS = "issues-kinds"
    ISSUES_SORT = "issues-sort"
    ISSUES_ROWS = "issues-rows"
    ISSUES_TABLE = "issues-table"
    ISSUES_EMPTY = "issues-empty"
    ISSUES_NOTE = "issues-note"
    ISSUES_EVERY = "issues-every"
    ISSUES_DONE = "issues-done"
    ISSUES_HEAT = "issues-heat"
    MUTE = "mute"
    MUTE_WHAT = "mute-what"
    MUTE_REASON = "mute-reason"
    MUTE_SAVE = "mute-save"
    MUTE_CANCEL = "mute-cancel"

    # Pages whose body the server words as a whole: Coverage, Plan, System
    REPORT = "report-page"
    REPORT_START = "report-start"
    REPORT_VIEW = "report-view"
    REPORT_APP = "report-app"
    REPORT_RANGE = "report-range"
    REPORT_BANNER = "report-banner"
    REPORT_BANNER_TEXT = "report-banner-text"
    REPORT_BODY = "report-body"
    REPORT_DATA = "report-data"
    REPORT_TICK = "report-tick"


def tile_value(tile: str) -> str:
    """Id of the big number of a tile."""
    return f"tile-{tile}-value"


def tile_note(tile: str) -> str:
    """Id of the small line below a tile's number."""
    return f"tile-{tile}-note"
