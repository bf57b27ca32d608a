// Opens the drawer; a callback of the server fills it.
(function (lvd, callbacks) {
    "use strict";

    // What is open: an event's seq, or a rejected event's id; null: neither.
    const drawer = (lvd.drawer = {openSeq: null, openRow: null});
    // The page that the drawer is on: {appId(), writeUrl(cause), find(wanted)}; see lvd.noteView for causes.
    let page = null;
    drawer.belongsTo = (owner) => { page = owner; };
    // After this long without content the drawer says so, in milliseconds.
    const PATIENCE = 8000;

    drawer.openEvent = (row) => { if (row) open({seq: row.seq}, row.name, row.seq); };

    drawer.openRejected = (row) => {
        drawer.openRow = `${row.day}.${row.sha256}.${row.reason}`;
        open({day: row.day, sha256: row.sha256, reason: row.reason}, `Rejected: ${row.reason}`, null);
    };

    drawer.openSeqOf = (seq) => open({seq: seq}, `Event ${lvd.number(seq)}`, seq);

    document.addEventListener("click", (event) => {
        const button = event.target.closest("[data-lvd-open]");
        if (button) drawer.openSeqOf(Number(button.dataset.lvdOpen));
    });

    document.addEventListener("click", (event) => {
        const button = event.target.closest("[data-lvd-find]");
        if (button) page.find(JSON.parse(button.dataset.lvdFind));
    });

    drawer.openFromUrl = () => {
        drawer.openSeq = null;
        const seq = new URLSearchParams(location.search).get("event");
        if (/^[1-9][0-9]{0,15}$/.test(seq || "")) open({seq: Number(seq)}, `Event ${lvd.number(Number(seq))}`, seq);
    };

    // As an earlier view had it: this event, or none (null).
    drawer.show = (seq) => {
        if (seq === drawer.openSeq) return;
        if (seq) fill({seq: seq}, `Event ${lvd.number(Number(seq))}`, seq);
        else window.dash_clientside.set_props("drawer", {opened: false});
        drawer.openSeq = seq;
    };

    function open(what, title, seq) {
        fill(what, title, seq);
        // From one event to the next is one entry of the history.
        page.writeUrl("drawer");
    }

    let opened = 0;
    function fill(what, title, seq) {
        const mine = (opened += 1);
        const set = window.dash_clientside.set_props;
        set("opened-title", {children: title});
        set("opened-body", {children: "loading…"});
        set("drawer", {opened: true});
        // `opened` makes each opening a change, also of the same event.
        set("opened", {data: {app_id: page.appId(), opened: mine, ...what}});
        drawer.openSeq = seq;
        setTimeout(() => {
            const body = document.getElementById("opened-body");
            if (mine !== opened || !body || body.textContent !== "loading…") return;
            set("opened-body", {children: "Not loaded: the dashboard's server did not answer. Close this and open it again."});
        }, PATIENCE);
    }

    callbacks.drawerMoved = (isOpen) => {
        if (isOpen || !page) return;
        drawer.openSeq = drawer.openRow = null;
        opened += 1;
        page.writeUrl();
    };
})(window.lvd, window.dash_clientside.lvd);
