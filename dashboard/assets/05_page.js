// What pages share: which one is open, and how it asks for what changed, once per tick.
(function (lvd, callbacks) {
    "use strict";

    // True while the page that was seen last is still there; a new one starts from nothing.
    let root = null;
    lvd.mounted = (id) => {
        const now = document.getElementById(id);
        const same = now === root;
        if (!same) lvd.forgetProps();
        root = now;
        return same;
    };

    // The one that asks for the open page.
    let asking = null;
    callbacks.tick = () => { if (asking) asking.tick(); };

    // So long what is in sight may stay though another view is wanted, in milliseconds: quick answers come without
    // a flicker.
    lvd.SOON = 400;

    // Asks for the page `id` once per tick, one request at a time. `question()` gives {route, of, body, apply}; `of`
    // has those parts of the view without which the answer would be misread. `empty(before)`: what is in sight is of
    // `before`, and this view's answer is slow to come or failed: takes away what is not of both.
    // `refused(why)`: the view cannot be, and is not asked for again. `missed()`: no answer came this time.
    lvd.poller = (id, question, {empty, refused, missed} = {}) => {
        let flight = null;
        let failures = 0;
        let notBefore = 0;
        let awaySince = null;
        // The page's element (one that is mounted anew shows nothing yet) and the `of`: of what was asked last, and of
        // what is in sight; `isEmptied`: that is only what holds for both.
        let wanted = {};
        let shown = {};
        // Waits for an answer that comes soon.
        let emptying = null;

        const isOpen = () => document.getElementById(id) !== null;

        const poller = {
            tick: () => { if (isOpen() && Date.now() >= notBefore) ask(); },
            stop: () => {
                if (flight) flight.abort();
                flight = null;
            },
            restart: () => {
                if (asking) asking.stop();
                asking = poller;
                notBefore = 0;
                ask();
            },
        };

        async function ask() {
            if (flight) return;
            const {route, of, body, apply} = question();
            const mine = (flight = new AbortController());
            const asked = new Date();
            wanted = {page: document.getElementById(id), of: JSON.stringify(of)};
            if (!isOther()) keep();
            else if (!emptying) emptying = setTimeout(takeAway, lvd.SOON);
            try {
                const answer = await lvd.post(route, body, mine.signal);
                if (mine.signal.aborted || !isOpen()) return;
                reached();
                apply(answer);
            } catch (error) {
                if (mine.signal.aborted || !isOpen()) return;
                if (error.code === "bad_request" && refused) refuse(error);
                else failed(error, asked);
            } finally {
                if (flight === mine) flight = null;
            }
        }

        const isOther = () => shown.page === wanted.page && shown.of !== wanted.of;

        function keep() {
            clearTimeout(emptying);
            emptying = null;
        }

        function takeAway() {
            keep();
            const {page, of} = shown;
            shown = {...wanted, isEmptied: true};
            // The page may have been left.
            if (page !== document.getElementById(id)) return;
            lvd.bannerHead(false);
            if (empty) empty(JSON.parse(of));
        }

        function reached() {
            keep();
            failures = 0;
            notBefore = 0;
            awaySince = null;
            shown = wanted;
            lvd.props("banner", {hidden: true});
        }

        function refuse(error) {
            reached();
            // Why it is refused stands there, which is an answer to no other view.
            shown = {page: wanted.page, of: "null", isEmptied: true};
            notBefore = Infinity;
            refused(`${lvd.capital(error.message)}.`);
        }

        function failed(error, asked) {
            failures += 1;
            notBefore = Date.now() + lvd.backoff(failures);
            awaySince = awaySince || asked;
            if (isOther()) takeAway();
            lvd.banner(shown.page === wanted.page && !shown.isEmptied, error, awaySince);
            if (missed) missed();
        }

        return poller;
    };

    lvd.bannerHead = (isShown) => lvd.props(
        "banner-head", {children: isShown ? "Showing the last data." : "Nothing could be loaded yet."});

    // Why nothing newer is there, and since when.
    lvd.banner = (isShown, error, since) => {
        // The server says itself since when it misses its database.
        const why = error.code === "database_unavailable"
            ? error.message : `${lvd.capital(error.message)}, since ${since.toTimeString().slice(0, 8)}`;
        lvd.bannerHead(isShown);
        lvd.props("banner-text", {children: `${why}. Trying again by itself.`});
        lvd.props("banner", {hidden: false});
    };

    // A menu that opens has the focus on a placeholder, which no menu may hold: its first item takes it.
    document.addEventListener("focusin", ({target}) => {
        if (!target.matches("[role=menu] > [data-autofocus]")) return;
        target.removeAttribute("tabindex");
        target.parentElement.querySelector("[role=menuitem]").focus();
    });

    lvd.capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
})(window.lvd, window.dash_clientside.lvd);
