// What the other scripts of the page share. Ids are those of dashboard/ids.py.
window.lvd = window.lvd || {};
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.lvd = window.dash_clientside.lvd || {};

(function (lvd) {
    "use strict";

    // Longest a request may take before it counts as failed, in milliseconds; the server's own limit is 5 s.
    const TIMEOUT = 10000;
    const MINUTE = 60000;

    const numbers = new Intl.NumberFormat("en-US");
    lvd.number = (value) => (value == null ? "" : numbers.format(value));
    // `1 event`, `1,500 events`: as dashboard/formats.py has it.
    lvd.counted = (count, one) => `${lvd.number(count)} ${count === 1 ? one : `${one}s`}`;

    // Remembered by cookies, so that the server words times and chooses the app already for the first layout.
    lvd.cookie = (name, value) => {
        document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=lax`;
    };
    // Again at each request: whoever deletes cookies while a page is open, or travels, goes on in their zone.
    const tellZone = () => lvd.cookie("lvd_zone", Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC");
    tellZone();

    // The app that this tab looked at last; "": none yet.
    let app = "";
    // Again before a way to another page: other tabs look at apps of their own.
    lvd.tellApp = (name = app) => {
        app = name;
        if (app) lvd.cookie("lvd_app", app);
    };

    // A request that the server refused or could not answer; `status` 0: it was not reached.
    lvd.RequestError = class extends Error {
        constructor(status, code, message) {
            super(message);
            this.status = status;
            this.code = code;
        }
    };

    // Answers with the parsed body, or throws a RequestError; an AbortError if `signal` says so.
    lvd.post = async (path, body, signal) => {
        const timeout = AbortSignal.timeout(TIMEOUT);
        let response;
        tellZone();
        try {
            response = await fetch(path, {
                method: "POST",
                headers: {"Content-Type": "application/json"},
                body: JSON.stringify(body),
                signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
            });
            if (response.ok) return await response.json();
        } catch (error) {
            if (signal && signal.aborted) throw error;
            throw new lvd.RequestError(0, "unreachable", "the dashboard's server did not answer");
        }
        const said = await response.json().catch(() => ({}));
        throw new lvd.RequestError(
            response.status, said.error || "failed", said.message || `the server answered HTTP ${response.status}`);
    };

    // Sets properties of a component unless it has them from here already; a page that is mounted anew has none.
    let known = new Map();
    lvd.forgetProps = () => { known = new Map(); };
    lvd.props = (id, props) => {
        const changed = Object.entries(props).filter(([name, value]) => {
            const key = `${id}.${name}`;
            const text = JSON.stringify(value);
            const isNew = known.get(key) !== text;
            known.set(key, text);
            return isNew;
        });
        if (changed.length) window.dash_clientside.set_props(id, Object.fromEntries(changed));
    };

    // The pickers give, and take, local times without a zone. In autumn clocks show an hour twice: what a picker was
    // told last (`from`, `to`) says which one it means; else it is the first.
    const told = {};
    lvd.instant = (local, picker) => {
        if (local && told[picker] && told[picker].local === local) return told[picker].at.toISOString();
        const at = local ? new Date(local.replace(" ", "T")) : null;
        return at && !isNaN(at) ? at.toISOString() : null;
    };
    const two = (number) => String(number).padStart(2, "0");
    lvd.local = (at, picker) => {
        const local = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} `
            + `${two(at.getHours())}:${two(at.getMinutes())}:00`;
        // As the picker has it: whole minutes.
        told[picker] = {local: local, at: new Date(Math.floor(at / MINUTE) * MINUTE)};
        return local;
    };
    // A page that is opened has in its pickers what its address says.
    lvd.takeRange = () => {
        const query = new URLSearchParams(location.search);
        for (const picker of ["from", "to"]) {
            const at = new Date(query.get(picker) || NaN);
            if (!isNaN(at)) lvd.local(at, picker);
        }
    };

    // The range that words such as 15m, 2w or yesterday tell, by the viewer's calendar; others have no ends.
    const UNITS = {m: MINUTE, h: 60 * MINUTE, d: 1440 * MINUTE, w: 7 * 1440 * MINUTE};
    lvd.lately = (words) => {
        const today = new Date();
        const midnight = (days) => new Date(today.getFullYear(), today.getMonth(), today.getDate() - days);
        const end = new Date(Math.ceil(today / MINUTE) * MINUTE);
        if (words === "today") return {start: midnight(0), end: end};
        if (words === "yesterday") return {start: midnight(1), end: midnight(0)};
        if (words === "week") return {start: midnight((today.getDay() + 6) % 7), end: end};
        const [, number, unit] = /^(\d+)([mhdw])$/.exec(words) || [];
        return unit ? {start: new Date(end - number * UNITS[unit]), end: end} : {start: null, end: null};
    };

    // Whether the callback that runs now was called by a change of this property alone.
    lvd.calledBy = (property) => {
        const {triggered} = window.dash_clientside.callback_context;
        return triggered.length === 1 && triggered[0].prop_id === property;
    };

    // Less, if the signal says so.
    lvd.sleep = (milliseconds, signal) => new Promise((done) => {
        const timer = setTimeout(end, milliseconds);
        if (signal) signal.addEventListener("abort", end);
        function end() {
            clearTimeout(timer);
            if (signal) signal.removeEventListener("abort", end);
            done();
        }
    });
    // Seconds before the n-th try (from 1), with jitter, so that many pages do not ask in step.
    lvd.backoff = (tries) => Math.min(500 * 2 ** (tries - 1), 5000) * (0.75 + Math.random() / 2);

    const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
    functions.LvdNumber = lvd.number;
    // Of today the time alone: both are in the viewer's zone.
    functions.LvdShortTime = (moment) => {
        if (!moment) return "";
        const [day, time] = moment.split(" ");
        return day === new Date().toLocaleDateString("sv") ? time : `${day.slice(5)} ${time.slice(0, 5)}`;
    };

    window.dash_clientside.lvd.passOn = (value) => value;
})(window.lvd);
