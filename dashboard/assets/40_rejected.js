// The list of rejected events: the newest page by the feed, older ones on demand.
(function (lvd, callbacks) {
    "use strict";

    const rejected = (lvd.rejected = {});
    let rows = new Map();
    let next = null;
    let older = false;
    // The newest page where it does not reach the list, which older ones were added to: that stands still then.
    let apart = null;
    // Rises when the list begins anew.
    let begun = 0;

    rejected.reset = () => {
        rows = new Map();
        next = null;
        older = false;
        apart = null;
        begun += 1;
    };

    rejected.empty = () => {
        lvd.props("rejected-grid", {rowData: []});
        lvd.props("rejected-note", {children: "loading…"});
        ["rejected-more", "rejected-top"].forEach((button) => lvd.props(button, {display: "none"}));
    };

    rejected.newest = (page) => {
        // Where it does not reach a row that is here there may be others between, which nobody asked for.
        const isReached = page.rows.some(isHere);
        apart = older && page.rows.length && !isReached ? page : null;
        if (apart) {
            show();
            return;
        }
        if (!isReached) rejected.reset();
        add(page);
        // Once older ones are here, the newest page's end is no longer the list's.
        if (!older) next = page.next;
        show();
    };

    callbacks.moreRejected = async () => {
        const list = begun;
        const isWanted = () => list === begun && document.getElementById("rejected-note") !== null;
        try {
            const page = await lvd.post("/api/rejected", {view: lvd.view, after: next});
            if (!isWanted()) return;
            older = true;
            next = page.next;
            add(page);
            show();
        } catch (error) {
            if (isWanted()) lvd.props("rejected-note", {children: `Older ones could not be loaded: ${error.message}. Try again.`});
        }
    };

    callbacks.newestRejected = () => {
        const page = apart;
        rejected.reset();
        if (page) rejected.newest(page);
    };

    // One that was seen again is new: what lies between it and its former place is not known.
    const isHere = (row) => rows.has(row.id) && rows.get(row.id).last_seen_utc === row.last_seen_utc;

    const add = (page) => page.rows.forEach((row) => rows.set(row.id, row));

    function show() {
        const sorted = [...rows.values()].sort((a, b) => (a.last_seen_utc < b.last_seen_utc ? 1 : -1));
        lvd.props("rejected-grid", {rowData: sorted});
        const more = next ? "; there are older ones" : "";
        const standing = apart ? ". The list stands still: many more came" : "";
        const text = sorted.length
            ? `${lvd.counted(sorted.length, "kind")} of bytes, last seen first${more}${standing}` : "Nothing was rejected in this range.";
        lvd.props("rejected-note", {children: text});
        lvd.props("rejected-more", {display: next ? "inline-block" : "none"});
        lvd.props("rejected-top", {display: apart ? "inline-block" : "none"});
        listen();
    }

    const heard = new WeakSet();
    async function listen() {
        const api = await window.dash_ag_grid.getApiAsync("rejected-grid");
        if (heard.has(api)) return;
        heard.add(api);
        api.addEventListener("rowClicked", (event) => lvd.drawer.openRejected(event.data));
        api.addEventListener("cellKeyDown", (event) => {
            if (event.event.key === "Enter") lvd.drawer.openRejected(event.data);
        });
    }
})(window.lvd, window.dash_clientside.lvd);
