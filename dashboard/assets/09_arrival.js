// The page of an address comes, also where the server did not answer: Dash asks once, and leaves the old one there.
(function (lvd) {
    "use strict";

    // Longest that the first answer may take, in milliseconds. The next may take twice as long, and so on: for its
    // sake Dash drops the one before, which may only be slow.
    const PATIENCE = 10000;
    // Longest that a page takes to be drawn after its answer, in milliseconds; without an answer none is drawn.
    const DRAWING = 1000;
    // Dash's own: where pages appear, the mark it has while Dash waits for an answer, and what asks when it is set.
    const PLACE = "_pages_content";
    const ASKED = "data-dash-is-loading";
    const ROUTER = "_pages_location";

    const addressNow = () => location.pathname + location.search;
    const place = () => document.getElementById(PLACE);
    const isAsked = () => place().hasAttribute(ASKED);

    // What Dash's router was told last: only another address is another page.
    let told = addressNow();
    // What is done unless the page comes before; null: it is there.
    let timer = null;
    // Questions that had no answer.
    let failures = 0;

    // Whether the page that is there is no longer that of the address.
    lvd.isLeaving = () => timer !== null;

    // Behind 06_history.js, which keeps from Dash what is not for it, and before Dash.
    for (const way of ["_dashprivate_pushstate", "popstate"]) window.addEventListener(way, leave, true);

    function leave() {
        if (addressNow() === told || !place()) return;
        told = addressNow();
        failures = 0;
        observer.observe(place(), {childList: true, attributes: true, attributeFilter: [ASKED]});
        waitForAnswer();
    }

    const observer = new MutationObserver((changes) => {
        if (isAsked()) waitForAnswer();
        else if (changes.some(({type}) => type === "childList")) arrived();
        else next(failed, DRAWING);
    });

    const waitForAnswer = () => next(failed, PATIENCE * (failures + 1));

    function next(step, milliseconds) {
        clearTimeout(timer);
        timer = setTimeout(step, milliseconds);
    }

    function failed() {
        failures += 1;
        tell(true);
        next(askAgain, lvd.backoff(failures));
    }

    function askAgain() {
        lvd.tellApp();
        window.dash_clientside.set_props(ROUTER, {pathname: location.pathname});
        waitForAnswer();
    }

    function arrived() {
        clearTimeout(timer);
        timer = null;
        observer.disconnect();
        tell(false);
    }

    const tell = (isMissing) => { document.getElementById("unopened").hidden = !isMissing; };
})(window.lvd);
