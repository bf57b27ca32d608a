// The page Overview: one feed for all apps.
(function (lvd, callbacks) {
    "use strict";

    const PAGE = "overview-page";
    // What the page holds, in the server's words.
    let tag = "";

    const poller = lvd.poller(PAGE, () => ({
        route: "/api/overview",
        of: {},
        body: {tag: tag},
        apply: (answer) => {
            tag = answer.tag;
            if (answer.body) lvd.draw("overview-body", answer.body);
        },
    }));

    callbacks.overviewOpened = (start) => {
        lvd.mounted(PAGE);
        tag = "";
        poller.restart();
        return start;
    };
})(window.lvd, window.dash_clientside.lvd);
