// Keys of the page Live; dashboard/layout/keys.py tells of them.
(function (lvd, callbacks) {
    "use strict";

    const set = (id, props) => window.dash_clientside.set_props(id, props);
    const isTyping = (target) => target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
    const isOpen = (id) => { const body = document.getElementById(id); return Boolean(body && body.getClientRects().length); };

    // The row that j and k go on from: the opened event's, the focused one, else the first in sight.
    function place() {
        if (lvd.drawer.openSeq()) {
            const index = lvd.grid.indexOf(lvd.drawer.openSeq());
            if (index !== null) return index;
        }
        const focused = lvd.grid.focused();
        return focused ? focused.rowIndex : null;
    }

    function step(by) {
        const from = place();
        const index = from === null ? lvd.grid.firstInSight() : from + by;
        const row = lvd.grid.rowAt(index);
        if (!row) return;
        lvd.grid.focus(index);
        if (lvd.drawer.openSeq()) lvd.drawer.openEvent(row);
    }

    function follow() {
        const from = place();
        const row = from === null ? null : lvd.grid.rowAt(from);
        if (lvd.view.subject) lvd.find({subject: ""});
        else if (row && row.follow) lvd.find({subject: row.follow});
    }

    callbacks.showKeys = () => set("keys", {opened: true});

    const KEYS = {
        j: () => step(1),
        k: () => step(-1),
        f: follow,
        p: callbacks.pause,
        "/": () => document.getElementById("filter-names").focus(),
        "?": callbacks.showKeys,
    };

    document.addEventListener("keydown", (event) => {
        const action = KEYS[event.key];
        if (!action || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
        if (!document.getElementById("live-page") || isTyping(event.target) || isOpen("keys-list")) return;
        if (lvd.view.tab !== "events" && event.key !== "?") return;
        event.preventDefault();
        action();
    });
})(window.lvd, window.dash_clientside.lvd);
