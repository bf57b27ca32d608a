// The page Issues: its view, its feed, and what people say of issues.
(function (lvd, callbacks) {
    "use strict";

    const PAGE = "issues-page";
    let view = null;
    let appName = "";
    // Values of the controls by their ids, as the view has them.
    let controls = {};
    // What the page holds, in the server's words.
    let rowsTag = "";
    let heatTag = "";
    // The rows as they were sent last, and whether they are drawn in the places of those before.
    let rows = [];
    let isKept = false;
    // The issue that the dialog is about, `{key, words}`.
    let muted = null;
    // Which tabs there are.
    let standings = [];

    callbacks.issuesChanged = (app, range, standing, names, kinds, sort, _every, apps) => {
        const before = lvd.mounted(PAGE) ? view : null;
        const all = before ? before.every || lvd.calledBy("issues-every.n_clicks") : new URLSearchParams(location.search).get("all") === "1";
        view = {
            app_id: Number(app), range_key: range, standing: standing, names: names || [], kinds: kinds || [],
            sort: sort, every: all,
        };
        appName = (apps || {})[app] || "";
        lvd.tellApp(appName);
        controls = {
            "issues-app": app, "issues-range": range, "issues-standing": standing, "issues-names": view.names,
            "issues-kinds": view.kinds, "issues-sort": sort,
        };
        if (!before) lvd.keepsViews({id: PAGE, describe: describe, show: show});
        lvd.noteView();
        if (before) lvd.done("issues-done", "");
        rowsTag = heatTag = "";
        poller.restart();
        return view;
    };

    function describe() {
        const query = new URLSearchParams({app: appName, range: view.range_key});
        if (view.standing !== "open") query.set("state", view.standing);
        view.names.forEach((name) => query.append("name", name));
        view.kinds.forEach((kind) => query.append("kind", kind));
        if (view.sort !== "count") query.set("sort", view.sort);
        if (view.every) query.set("all", "1");
        return {query: query, controls: controls, rest: {every: view.every}};
    }

    // Of an earlier view; the dialog is about an issue of the one before.
    function show({every}) {
        callbacks.muteCancelled();
        view = {...view, every: every};
    }

    const poller = lvd.poller(PAGE, () => {
        // None is held of a view that was just chosen.
        const isFirst = rowsTag === "";
        return {
            route: "/api/issues",
            of: {...view, sort: null, every: null},
            body: {view: view, rows_tag: rowsTag, heat_tag: heatTag},
            apply: (answer) => apply(answer, isFirst),
        };
    }, {empty: empty});

    function empty(before) {
        const has = (...keys) => keys.every((key) => JSON.stringify(before[key]) === JSON.stringify(view[key]));
        lvd.draw("issues-rows", []);
        lvd.props("issues-table", {hidden: true});
        lvd.props("issues-empty", {hidden: false, children: "loading…"});
        lvd.props("issues-note", {children: ""});
        lvd.props("issues-every", {display: "none"});
        if (!has("app_id", "range_key", "names")) lvd.draw("issues-heat", lvd.LOADING);
        if (!has("app_id")) lvd.props("issues-standing", {data: standings.map((value) => ({value: value, label: `${lvd.capital(value)} …`}))});
    }

    function apply(answer, isFirst) {
        for (const [id, text] of Object.entries(answer.texts)) lvd.props(id, {children: text});
        rowsTag = answer.rows.tag;
        heatTag = answer.heat.tag;
        showRows(answer.rows.body, isFirst);
        if (answer.heat.body) drawHeat(answer.heat.body);
        lvd.props("issues-empty", {hidden: !answer.empty});
        lvd.props("issues-table", {hidden: Boolean(answer.empty)});
        standings = answer.tabs.map((tab) => tab.value);
        lvd.props("issues-standing", {data: answer.tabs});
        lvd.props("issues-names", {data: withChosen(answer.names, view.names)});
        lvd.props("issues-kinds", {data: withChosen(answer.kinds, view.kinds)});
        lvd.props("issues-every", {display: answer.is_cut ? "inline-block" : "none"});
    }

    // Where it does not fit, the newest hours are seen first.
    function drawHeat(body) {
        const before = document.querySelector(".lvd-heat");
        lvd.draw("issues-heat", body);
        const box = document.querySelector(".lvd-heat-box");
        if (box && !before) box.scrollLeft = box.scrollWidth;
    }

    // Chosen ones stay on offer also when no issue has them any more.
    function withChosen(offered, chosen) {
        const known = new Set(offered.map((option) => option.value));
        return [...offered, ...chosen.filter((value) => !known.has(value)).map((value) => ({value: value, label: value}))];
    }

    // Rows that somebody points at, or has the focus in, keep their places until they are left: no click lands on
    // another issue. A view that was just chosen has its order at once, for the list to choose it from opens over them.
    function showRows(sent, isFirst) {
        const isUsed = !isFirst && areUsed();
        if (!sent && (!isKept || isUsed)) return;
        rows = sent || rows;
        isKept = isUsed;
        lvd.draw("issues-rows", isUsed ? inPlaces(rows) : rows);
    }

    function areUsed() {
        const table = document.getElementById("issues-rows");
        return table !== null && (table.matches(":hover") || table.contains(document.activeElement));
    }

    function inPlaces(wanted) {
        const drawn = document.getElementById("issues-rows").rows;
        const places = new Map([...drawn].map((row, place) => [row.dataset.lvdKey, place]));
        const place = (row) => places.get(row.props["data-lvd-key"]) ?? places.size;
        return [...wanted].sort((one, other) => place(one) - place(other));
    }

    document.addEventListener("click", (event) => {
        const button = event.target.closest("[data-lvd-action]");
        if (!button) return;
        const {lvdIssue, lvdAction, lvdWords} = button.dataset;
        const issue = {key: JSON.parse(lvdIssue), words: lvdWords};
        if (lvdAction === "mute") openDialog(issue);
        else say(issue, lvdAction, "");
    });

    const DONE = {
        resolved: "Resolved. It opens by itself when it comes back",
        muted: "Muted",
        open: "Open again",
    };

    const isOpen = () => document.getElementById(PAGE) !== null;

    async function say(issue, standing, reason) {
        const [name, path, kind] = issue.key;
        try {
            await lvd.post("/api/issues/state", {
                app_id: view.app_id, name: name, path: path, kind: kind, standing: standing, reason: reason,
            });
        } catch (error) {
            if (isOpen()) lvd.failed(`Nothing was changed: ${error.message}. Try again: ${issue.words}`);
            return;
        }
        if (!isOpen()) return;
        lvd.done("issues-done", `${DONE[standing]}: ${issue.words}`);
        poller.restart();
    }

    const set = (id, props) => window.dash_clientside.set_props(id, props);

    function openDialog(issue) {
        muted = issue;
        set("mute-what", {children: issue.words});
        set("mute-reason", {value: "", error: ""});
        set("mute", {opened: true});
    }

    callbacks.muteSaved = (clicks, submits) => {
        if (!muted || !(clicks || submits)) return;
        // Not Dash's value, which may lag behind the key that ends the typing.
        const reason = document.getElementById("mute-reason").value;
        if (!reason.trim()) {
            set("mute-reason", {error: "Say why, so that others need not ask"});
            return;
        }
        set("mute", {opened: false});
        say(muted, "muted", reason);
        muted = null;
    };

    callbacks.muteCancelled = () => {
        set("mute", {opened: false});
        muted = null;
    };
})(window.lvd, window.dash_clientside.lvd);
