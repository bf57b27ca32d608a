// The page Rejected: groups and list that follow, older pages on demand, one event in the drawer.
(function (lvd, callbacks) {
    "use strict";

    const PAGE = "rejects-page";
    let view = null;
    let appName = "";
    // Values of the controls by their ids, as the view has them.
    let controls = {};
    // What the page holds, in the server's words.
    let groupsTag = "";
    let rowsTag = "";
    // Where the list goes on, its rows, and whether older ones were loaded: then it stands still.
    let next = null;
    let rows = [];
    let older = false;
    // Rises when the list begins anew; and whether older ones are under way: then it stands still, too.
    let begun = 0;
    let loading = false;

    callbacks.rejectsChanged = (app, range, start) => {
        const before = lvd.mounted(PAGE) ? view : null;
        const reasons = before ? before.reasons : start.reasons.filter((reason) => /^[a-z0-9_]{1,100}$/.test(reason)).slice(0, 50);
        view = {app_id: Number(app), range_key: range, reasons: before && before.app_id !== Number(app) ? [] : reasons};
        appName = start.names[app] || "";
        lvd.tellApp(appName);
        controls = {"rejects-app": app, "rejects-range": range};
        if (!before) lvd.keepsViews({id: PAGE, appId: () => view.app_id, describe: describe, show: (rest) => { view = rest; }});
        lvd.noteView();
        restart();
        return view;
    };

    function restart() {
        groupsTag = rowsTag = "";
        older = loading = false;
        begun += 1;
        poller.restart();
    }

    function describe() {
        const query = new URLSearchParams({app: appName, range: view.range_key});
        view.reasons.forEach((reason) => query.append("reason", reason));
        return {query: query, controls: controls, rest: view};
    }

    const poller = lvd.poller(PAGE, () => {
        const asked = view;
        return {
            route: "/api/rejects",
            of: asked,
            body: {view: asked, groups_tag: groupsTag, rows_tag: rowsTag},
            apply: (answer) => { if (asked === view) apply(answer); },
        };
    }, {empty: empty});

    // Reasons of the same events stay: one may want to choose another.
    function empty(before) {
        rows = [];
        next = null;
        lvd.draw("rejects-list", []);
        lvd.props("rejects-note", {children: "loading…"});
        ["rejects-more", "rejects-top"].forEach((button) => lvd.props(button, {display: "none"}));
        lvd.draw("rejects-replay", lvd.LOADING);
        lvd.draw("rejects-export", []);
        if (before.app_id !== view.app_id || before.range_key !== view.range_key) lvd.draw("rejects-groups", lvd.LOADING);
    }

    function apply(answer) {
        for (const [id, text] of Object.entries(answer.texts)) lvd.props(id, {children: text});
        groupsTag = answer.groups.tag;
        if (answer.groups.body) lvd.draw("rejects-groups", answer.groups.body);
        lvd.draw("rejects-replay", answer.replay);
        lvd.draw("rejects-export", answer.export);
        if (older || loading) return;
        rowsTag = answer.rows.tag;
        next = answer.next;
        if (answer.rows.body) rows = answer.rows.body;
        show();
    }

    function show() {
        lvd.draw("rejects-list", rows);
        const more = next ? "; there are older ones" : "";
        const standing = older ? ". The list stands still" : "";
        const told = rows.length
            ? `${lvd.number(rows.length)} listed, told apart by their bytes${more}${standing}`
            : `Nothing was rejected${view.reasons.length ? " for these reasons" : ""} in this range.`;
        lvd.props("rejects-note", {children: told});
        lvd.props("rejects-more", {display: next ? "inline-block" : "none"});
        lvd.props("rejects-top", {display: older ? "inline-block" : "none"});
    }

    callbacks.olderRejects = async () => {
        const list = begun;
        loading = true;
        const isWanted = () => list === begun && document.getElementById(PAGE) !== null;
        try {
            const page = await lvd.post("/api/rejects", {view: view, after: next});
            if (!isWanted()) return;
            older = true;
            next = page.next;
            const known = new Set(rows.map((row) => row.props["data-lvd-key"]));
            rows = rows.concat(page.rows.body.filter((row) => !known.has(row.props["data-lvd-key"])));
            show();
        } catch (error) {
            if (isWanted()) lvd.props("rejects-note", {children: `Older ones could not be loaded: ${error.message}. Try again.`});
        } finally {
            if (list === begun) loading = false;
        }
    };

    callbacks.newestRejects = () => { if (view) restart(); };

    document.addEventListener("click", (event) => {
        const reason = event.target.closest("[data-lvd-reason]");
        if (reason) choose(reason.dataset.lvdReason);
    });

    function choose(reason) {
        const chosen = view.reasons.includes(reason);
        view = {...view, reasons: chosen ? view.reasons.filter((each) => each !== reason) : [...view.reasons, reason]};
        lvd.noteView();
        restart();
    }
})(window.lvd, window.dash_clientside.lvd);
