// The feed: once per tick, one request for everything that changed since the last answer.
(function (lvd, callbacks) {
    "use strict";

    // `seen`: the range in sight, once it was told; whoever chooses one of their own begins with it.
    const feed = (lvd.feed = {seen: null});
    // What the page holds, in the server's words.
    let tag = "";
    let problemsTag = "";
    let namesTag = "";
    let followTag = "";
    // Rises when what is held is forgotten.
    let forgotten = 0;

    // The next answer to a question that is asked from now on tells all again.
    feed.forget = () => {
        tag = "";
        forgotten += 1;
    };

    feed.restart = () => {
        tag = problemsTag = namesTag = followTag = "";
        poller.restart();
    };

    const poller = lvd.poller("live-page", () => {
        const grid = lvd.grid.held();
        const asked = performance.now();
        const before = forgotten;
        return {
            route: "/api/feed",
            // No filter of the list but whom it follows counts for what is above it; that is drawn apart.
            of: [lvd.view.app_id, lvd.view.range_key, lvd.view.start, lvd.view.end],
            body: {
                view: lvd.view, tag: tag, problems_tag: problemsTag, names_tag: namesTag, follow_tag: followTag,
                token: grid.token, live: grid.live, drawn: grid.drawn,
            },
            apply: (answer) => {
                // An answer that was under way does not know why it was forgotten.
                if (before === forgotten) tag = answer.tag;
                apply(answer, grid.generation);
                lvd.pulse.answered(answer.freshness, asked);
            },
        };
    }, {
        empty: empty,
        refused: (why) => {
            lvd.props("refused-why", {children: why});
            lvd.pulse.forget();
            showState("refused");
        },
        missed: () => lvd.pulse.missed(),
    });

    function apply(answer, generation) {
        for (const [id, text] of Object.entries(answer.texts)) lvd.props(id, {children: text});
        if (answer.seen) feed.seen = answer.seen;
        if (answer.chart) lvd.props("verdict-chart-data", {data: answer.chart});
        if (answer.follow) showFollowed(answer.follow);
        if (answer.problems_tag) showProblems(answer);
        if (answer.names_tag) offerNames(answer);
        if ("empty" in answer) {
            lvd.props("empty-app-command", {children: answer.empty});
            showState(answer.empty ? "empty-app" : null);
        }
        if (answer.rejected) lvd.rejected.newest(answer.rejected);
        if (answer.grid) lvd.grid.news(answer.grid, generation);
    }

    function empty() {
        document.querySelectorAll(".lvd-tile-value").forEach(({id}) => lvd.props(id, {children: "—"}));
        document.querySelectorAll(".lvd-tile-note").forEach(({id}) => lvd.props(id, {children: "loading…"}));
        lvd.props("reconciled", {children: ""});
        lvd.props("verdict-chart-data", {data: {x: [], y: []}});
        lvd.props("problems-data", {data: [lvd.LOADING]});
        lvd.rejected.empty();
        showState(null);
    }

    // What stands where data would, and why there are none: how to send one, or how to go on. Null: the data.
    function showState(state) {
        ["empty-app", "refused"].forEach((each) => lvd.props(each, {hidden: each !== state}));
        ["tiles", "upper", "lists"].forEach((part) => lvd.props(part, {hidden: state !== null}));
    }

    // Nothing is told where nothing is followed.
    function showFollowed(told) {
        followTag = told.tag || "";
        if (!told.tag) lvd.draw("follow", []);
        else if (told.body) lvd.draw("follow", told.body);
    }

    function showProblems(answer) {
        problemsTag = answer.problems_tag;
        lvd.props("problems-data", {data: answer.problems});
    }

    function offerNames(answer) {
        namesTag = answer.names_tag;
        // Chosen names stay on offer also when none of their events lies in the range.
        const offered = new Set(answer.names.map((name) => name.value));
        const others = lvd.view.names.filter((name) => !offered.has(name));
        const data = [...answer.names, ...others.map((name) => ({value: name, label: name}))];
        lvd.props("filter-names", {data: data});
    }

    callbacks.drawChart = (chart, figure) => (chart ? lvd.bars(chart, figure) : window.dash_clientside.no_update);
})(window.lvd, window.dash_clientside.lvd);
