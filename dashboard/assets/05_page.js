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

    // What is in sight on the page `id` is of another view than its controls say: 00_page.css hides it, unless the
    // answer comes at once.
    lvd.awaits = (id, isOther) => document.getElementById(id).toggleAttribute("data-lvd-awaits", isOther);

    // Asks for the page `id` once per tick, one request at a time. `question()` gives {route, of, body, apply}; `of`
    // names, in a text, the view that the answer is of. `refused(why)`: that cannot be, and is not asked for again.
    // `missed(isShown)`: no answer came this time; whether there was one before, of this view.
    lvd.poller = (id, question, {refused, missed} = {}) => {
        let flight = null;
        let failures = 0;
        let notBefore = 0;
        let awaySince = null;
        // The page's element (one that is mounted anew shows nothing yet) and the view that the last answer was of.
        let answered = {};

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
            const page = document.getElementById(id);
            lvd.awaits(id, answered.page === page && answered.of !== of);
            try {
                const answer = await lvd.post(route, body, mine.signal);
                if (mine.signal.aborted || !isOpen()) return;
                reached({page, of});
                apply(answer);
            } catch (error) {
                if (mine.signal.aborted || !isOpen()) return;
                if (error.code === "bad_request" && refused) refuse(error, {page, of});
                else failed(error, {page, of}, asked);
            } finally {
                if (flight === mine) flight = null;
            }
        }

        function reached(asked) {
            failures = 0;
            notBefore = 0;
            awaySince = null;
            answered = asked;
            lvd.awaits(id, false);
            lvd.props("banner", {hidden: true});
        }

        function refuse(error, asked) {
            reached(asked);
            notBefore = Infinity;
            refused(`${lvd.capital(error.message)}.`);
        }

        function failed(error, {page, of}, since) {
            failures += 1;
            notBefore = Date.now() + lvd.backoff(failures);
            awaySince = awaySince || since;
            const isShown = answered.page === page && answered.of === of;
            lvd.banner(isShown, error, awaySince);
            if (missed) missed(isShown);
        }

        return poller;
    };

    // Why nothing newer is there, and since when.
    lvd.banner = (isShown, error, since) => {
        // The server says itself since when it misses its database.
        const why = error.code === "database_unavailable"
            ? error.message : `${lvd.capital(error.message)}, since ${since.toTimeString().slice(0, 8)}`;
        lvd.props("banner-head", {children: isShown ? "Showing the last data." : "Nothing could be loaded yet."});
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
