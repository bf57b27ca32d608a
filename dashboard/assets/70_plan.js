// The page Plan: what is shown of it, and of its versions.
(function (lvd, callbacks) {
    "use strict";

    const PAGE = "plan-page";
    // How long typing pauses before the plan is searched, in milliseconds.
    const PAUSE = 200;
    const plan = (lvd.plan = {});
    plan.view = null;
    let appName = "";
    // Values of the controls by their ids, as the view has them.
    let controls = {};
    let typing = null;
    // What the page holds, in the server's words.
    let tags = {list: "", event: "", versions: "", diff: ""};

    callbacks.planChanged = (app, tab, as, search, apps, start) => {
        const isOpen = lvd.mounted(PAGE);
        const before = isOpen ? plan.view : null;
        plan.view = {...(before || start), app_id: Number(app), tab: tab, edit_as: as, search: search || ""};
        if (before && before.app_id !== plan.view.app_id) {
            Object.assign(plan.view, {event: "", version: 0, before: 0, after: 0, draft: ""});
        }
        appName = (apps || {})[app] || "";
        lvd.tellApp(appName);
        controls = {"plan-app": app, "plan-tab": tab, "plan-as": as, "plan-search": plan.view.search};
        if (!before) lvd.keepsViews({id: PAGE, describe: describe, show: show});
        const isTyping = lvd.calledBy("plan-search.value");
        lvd.noteView(isTyping ? "search" : null);
        lvd.props("plan-read", {hidden: tab !== "read"});
        lvd.props("plan-edit", {hidden: tab !== "edit"});
        lvd.props("plan-versions", {hidden: tab !== "versions"});
        lvd.props("plan-search", {display: tab === "versions" ? "none" : "block"});
        lvd.props("plan-form", {hidden: as !== "form"});
        lvd.props("plan-text-panel", {hidden: as !== "text"});
        if (before) plan.say("");
        clearTimeout(typing);
        if (isTyping) typing = setTimeout(draw, PAUSE);
        else draw();
        return plan.view;
    };

    function draw() {
        if (!plan.isOpen()) return;
        if (plan.view.tab === "edit") plan.openDraft();
        plan.ask();
    }

    plan.ask = () => {
        tags = {list: "", event: "", versions: "", diff: ""};
        ({read: reader, edit: editor, versions: versions})[plan.view.tab].restart();
    };

    plan.isOpen = () => document.getElementById(PAGE) !== null;
    // Nothing on a page that was left: an answer may come late.
    plan.set = (id, props) => { if (plan.isOpen()) window.dash_clientside.set_props(id, props); };

    function describe() {
        const view = plan.view;
        const query = new URLSearchParams({app: appName});
        if (view.tab !== "read") query.set("tab", view.tab);
        if (view.tab === "edit" && view.edit_as !== "form") query.set("as", view.edit_as);
        if (view.tab === "edit" && view.draft) query.set("draft", view.draft);
        if (view.tab !== "versions" && view.event) query.set("event", view.event);
        if (view.search) query.set("search", view.search);
        if (view.tab === "read" && view.version) query.set("version", view.version);
        if (view.tab === "versions" && view.before) query.set("from", view.before);
        if (view.tab === "versions" && view.after) query.set("to", view.after);
        const {app_id, event, version, before, after} = view;
        return {query: query, controls: controls, rest: {app_id, event, version, before, after}};
    }

    // Of an earlier view, as `describe` gave it. A draft that was saved or discarded is not begun again, what one app's
    // address asked for is nothing to another one's draft, and a dialog is about the event that was open.
    function show(rest) {
        callbacks.planCancel();
        if (rest.app_id !== plan.view.app_id) plan.view.draft = "";
        plan.view = {...plan.view, ...rest};
    }

    plan.say = (text) => lvd.done("plan-done", text);

    const question = () => ({
        app_id: plan.view.app_id, version: plan.view.version, event: plan.view.event, search: plan.view.search,
        list_tag: tags.list, event_tag: tags.event,
    });

    function keepTags(answer) {
        tags.list = answer.list.tag;
        tags.event = answer.event.tag;
    }

    const reader = lvd.poller(PAGE, () => ({
        route: "/api/plan",
        // What is open says itself which event it is.
        of: [plan.view.app_id, plan.view.version],
        body: question(),
        apply: (answer) => {
            keepTags(answer);
            lvd.draw("plan-head", answer.head);
            if (answer.list.body) drawList("plan-events", answer.list.body);
            if (answer.event.body) lvd.draw("plan-event", answer.event.body);
        },
    }), {empty: () => empty("plan-head", "plan-events", "plan-event")});

    // Which version is in force; the draft is drawn by what it asks itself.
    const editor = lvd.poller(PAGE, () => ({
        route: "/api/plan",
        of: [plan.view.app_id],
        body: question(),
        apply: (answer) => {
            keepTags(answer);
            plan.noticeVersion(answer.in_force);
        },
    }));

    const empty = (...places) => places.forEach((place) => lvd.draw(place, lvd.LOADING));

    // Where the list is long, what is open is in sight at first.
    function drawList(id, body) {
        const isFirst = !document.querySelector(`#${id} .lvd-plan-box`);
        lvd.draw(id, body);
        const box = document.querySelector(`#${id} .lvd-plan-box`);
        const open = box && box.querySelector(".lvd-plan-open");
        if (isFirst && open) box.scrollTop = open.offsetTop - box.offsetTop - box.clientHeight / 2;
    }
    plan.drawList = drawList;

    const versions = lvd.poller(PAGE, () => ({
        route: "/api/plan/versions",
        of: [plan.view.app_id],
        body: {
            app_id: plan.view.app_id, before: plan.view.before, after: plan.view.after,
            list_tag: tags.versions, diff_tag: tags.diff,
        },
        apply: (answer) => {
            tags.versions = answer.list.tag;
            tags.diff = answer.diff.tag;
            if (answer.list.body) lvd.draw("plan-version-list", answer.list.body);
            if (answer.diff.body) lvd.draw("plan-diff", answer.diff.body);
        },
    }), {empty: () => empty("plan-version-list", "plan-diff")});

    document.addEventListener("click", (event) => {
        if (!plan.view || !plan.isOpen()) return;
        const button = event.target.closest(
            "[data-lvd-planned], [data-lvd-show], [data-lvd-compare], [data-lvd-go]");
        if (!button) return;
        const {lvdPlanned, lvdShow, lvdCompare, lvdVersion, lvdGo} = button.dataset;
        if (lvdPlanned !== undefined) openEvent(lvdPlanned);
        else if (lvdCompare) compare(lvdCompare, Number(lvdVersion));
        else if (lvdGo) plan.set("plan-tab", {value: lvdGo});
        else showVersion(Number(lvdShow));
    });

    function openEvent(name) {
        plan.view.event = name;
        lvd.noteView();
        if (plan.view.tab === "edit") plan.check();
        else plan.ask();
    }

    function compare(side, version) {
        plan.view[side === "from" ? "before" : "after"] = version;
        lvd.noteView();
        plan.ask();
    }

    function showVersion(version) {
        plan.view.version = version;
        lvd.noteView();
        if (plan.view.tab === "read") plan.ask();
        else plan.set("plan-tab", {value: "read"});
    }
})(window.lvd, window.dash_clientside.lvd);
