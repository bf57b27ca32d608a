// The view: what the controls say, in one object; the URL and the other scripts follow it.
(function (lvd, callbacks) {
    "use strict";

    lvd.view = null;
    // Values of the controls by their ids, as the view has them.
    let controls = {};

    const RANGE_KEYS = ["app_id", "range_key", "start", "end"];
    const GRID_KEYS = [...RANGE_KEYS, "names", "statuses", "subject", "run", "order"];
    const FEED_KEYS = [...RANGE_KEYS, "subject", "run", "tab"];

    // Controls of which the value comes about by and by.
    const GRADUAL = ["range-from", "range-to"];

    const changed = (before, after, keys) =>
        !before || keys.some((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));

    callbacks.viewChanged = (app, range, from, to, names, statuses, subject, run, order, tab, apps, faults) => {
        const custom = range === "custom";
        const before = lvd.mounted("live-page") ? lvd.view : null;
        if (!before) lvd.takeRange();
        if (custom && before && before.range_key !== range && lvd.calledBy("range-choice.value")) {
            const seen = lvd.feed.seen || lvd.lately(before.range_key);
            if (seen.start) {
                choose("range-from", lvd.local(new Date(seen.start), "from"));
                choose("range-to", lvd.local(new Date(seen.end), "to"));
                return window.dash_clientside.no_update;
            }
        }
        const view = {
            app_id: Number(app),
            range_key: range,
            start: custom ? lvd.instant(from, "from") : null,
            end: custom ? lvd.instant(to, "to") : null,
            names: names || [],
            statuses: statuses || [],
            subject: subject || "",
            run: run || "",
            order: order,
            tab: tab,
        };
        lvd.view = view;
        controls = {
            "app-choice": app, "range-choice": range, "range-from": from, "range-to": to, "filter-names": names,
            "filter-statuses": statuses, "filter-subject": subject, "filter-run": run, order: order, tab: tab,
        };
        lvd.appName = (apps || {})[app] || "";
        lvd.tellApp(lvd.appName);
        lvd.props("range-custom", {hidden: !custom});
        lvd.props("filters", {hidden: tab !== "events"});
        lvd.props("events-panel", {hidden: tab !== "events"});
        lvd.props("rejected-hint", {hidden: tab !== "rejected"});
        lvd.props("rejected-panel", {hidden: tab !== "rejected"});
        if (changed(before, view, RANGE_KEYS)) lvd.feed.seen = null;
        if (changed(before, view, FEED_KEYS)) lvd.rejected.reset();
        // Rows that are in sight stay for a moment; when they are again, they may be of another view.
        if (!before || before.tab !== "rejected" || tab !== "rejected") lvd.rejected.empty();
        if (!before) lvd.pause.end();
        // How late another app's events were shown says nothing of this one's.
        if (!before || before.app_id !== view.app_id) lvd.pulse.forget();
        if (changed(before, view, ["app_id", "subject", "run"])) lvd.draw("follow", []);
        if (changed(before, view, GRID_KEYS)) lvd.grid.reset();
        if (!before) {
            lvd.keepsViews({
                id: "live-page", appId: () => lvd.view.app_id, find: lvd.find, describe: describe, show: () => {},
            });
            if (faults.length) lvd.notice(faults.join(" "));
        }
        lvd.noteView(GRADUAL.find((id) => lvd.calledBy(`${id}.value`)));
        lvd.feed.restart();
        return view;
    };

    function describe() {
        const view = lvd.view;
        const query = new URLSearchParams({app: lvd.appName, range: view.range_key});
        if (view.start) query.set("from", view.start);
        if (view.end) query.set("to", view.end);
        view.names.forEach((name) => query.append("name", name));
        view.statuses.forEach((status) => query.append("status", status));
        if (view.subject) query.set("subject", view.subject);
        if (view.run) query.set("run", view.run);
        if (view.order !== "newest") query.set("order", view.order);
        if (view.tab !== "events") query.set("tab", view.tab);
        return {query: query, controls: controls, rest: {}};
    }

    const choose = (id, value) => window.dash_clientside.set_props(id, {value: value});

    // Where the view cannot be, buttons lead to another one.
    document.addEventListener("click", (event) => {
        const button = event.target.closest("[data-lvd-range], [data-lvd-unfiltered]");
        if (!button) return;
        if (button.dataset.lvdRange) choose("range-choice", button.dataset.lvdRange);
        else lvd.find(UNFILTERED);
    });

    // Tiles and problems are buttons that name what to list.
    document.addEventListener("click", (event) => {
        const button = event.target.closest("[data-lvd-status], [data-lvd-tab]");
        if (!button) return;
        const {lvdStatus, lvdTab, lvdProblem} = button.dataset;
        if (lvdProblem !== undefined) choose("filter-names", [lvdProblem]);
        if (lvdStatus) choose("filter-statuses", [lvdStatus]);
        choose("tab", lvdTab || "events");
        document.getElementById(lvdTab ? "rejected-panel" : "events-panel")
            .closest("section").scrollIntoView({block: "nearest"});
    });

    // Narrows the list down to what is given of names, statuses, subject and run; the rest stays as it is.
    const CONTROLS = {names: "filter-names", statuses: "filter-statuses", subject: "filter-subject", run: "filter-run"};
    const UNFILTERED = {names: [], statuses: [], subject: "", run: ""};
    lvd.find = (wanted) => {
        for (const [key, value] of Object.entries(wanted)) {
            if (JSON.stringify(lvd.view[key]) !== JSON.stringify(value)) choose(CONTROLS[key], value);
        }
        if (lvd.view.tab !== "events") choose("tab", "events");
        lvd.drawer.close();
    };

    callbacks.clearFilters = () => {
        lvd.find(UNFILTERED);
        choose("range-choice", "all");
    };

    callbacks.waitForApps = async (ticks) => {
        if (!ticks) return;
        const answer = await fetch("/api/apps").then((response) => (response.ok ? response.json() : {}), () => ({}));
        if (answer.apps && answer.apps.length) location.reload();
    };
})(window.lvd, window.dash_clientside.lvd);
