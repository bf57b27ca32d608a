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

    // Asks `route` for the page `id` once per tick, one request at a time. `question()` gives {body, apply}.
    // `refused(why)`: the view cannot be, and is not asked for again. `missed()`: no answer came this time.
    lvd.poller = (id, route, question, {refused, missed} = {}) => {
        let flight = null;
        let failures = 0;
        let notBefore = 0;
        let awaySince = null;
        // The page's element when it was answered: one that is mounted anew shows nothing yet.
        let answered = null;

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
            const mine = (flight = new AbortController());
            const asked = new Date();
            try {
                const {body, apply} = question();
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

        function reached() {
            failures = 0;
            notBefore = 0;
            awaySince = null;
            answered = document.getElementById(id);
            lvd.props("banner", {hidden: true});
        }

        function refuse(error) {
            reached();
            notBefore = Infinity;
            refused(`${lvd.capital(error.message)}.`);
        }

        function failed(error, asked) {
            failures += 1;
            notBefore = Date.now() + lvd.backoff(failures);
            awaySince = awaySince || asked;
            // The server says itself since when it misses its database.
            const since = error.code === "database_unavailable"
                ? error.message : `${lvd.capital(error.message)}, since ${awaySince.toTimeString().slice(0, 8)}`;
            lvd.props("banner-head", {children: lvd.bannerHead(answered === document.getElementById(id))});
            lvd.props("banner-text", {children: `${since}. Trying again by itself.`});
            lvd.props("banner", {hidden: false});
            if (missed) missed();
        }

        return poller;
    };

    // How a banner begins that says why nothing newer is there.
    lvd.bannerHead = (isShown) => (isShown ? "Showing the last data." : "Nothing could be loaded yet.");

    // A menu that opens has the focus on a placeholder, which no menu may hold: its first item takes it.
    document.addEventListener("focusin", ({target}) => {
        if (!target.matches("[role=menu] > [data-autofocus]")) return;
        target.removeAttribute("tabindex");
        target.parentElement.querySelector("[role=menuitem]").focus();
    });

    lvd.capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
})(window.lvd, window.dash_clientside.lvd);
