// Opens the drawer; a callback of the server fills it.
(function (lvd, callbacks) {
    "use strict";

    // What is open: {app_id, seq} of an event, {app_id, day, sha256, reason} of a rejected one; null: neither.
    const drawer = (lvd.drawer = {opened: null});
    // The page that the drawer is on, as lvd.keepsViews has it.
    let page = null;
    // After this long without content the drawer says so, in milliseconds.
    const PATIENCE = 8000;
    // A rejected event's id is its day, the digest of its bytes, and its reason.
    const ROW = /^(\d{4}-\d\d-\d\d)\.([0-9a-f]{64})\.([a-z0-9_]{1,100})$/;

    const set = (id, props) => window.dash_clientside.set_props(id, props);

    // A page begins with what its address has opened.
    drawer.belongsTo = (owner) => {
        page = owner;
        drawer.opened = null;
        const what = page.appId ? asked(new URLSearchParams(location.search)) : null;
        if (what) fill(ofApp(what));
    };

    const ofApp = (what) => ({app_id: page.appId(), ...what});

    // A page that cannot list what is like an event shows none.
    function asked(query) {
        const seq = query.get("event") || "";
        return page.find && /^[1-9][0-9]{0,15}$/.test(seq) ? {seq: Number(seq)} : rowOf(query.get("open") || "");
    }

    function rowOf(id) {
        const parts = ROW.exec(id);
        return parts && {day: parts[1], sha256: parts[2], reason: parts[3]};
    }

    // As `asked` reads it.
    drawer.address = () => {
        if (!drawer.opened) return {};
        const {seq, day, sha256, reason} = drawer.opened;
        return seq ? {event: seq} : {open: `${day}.${sha256}.${reason}`};
    };

    drawer.openSeq = () => (drawer.opened && drawer.opened.seq) || null;
    drawer.openEvent = (row) => { if (row) open({seq: row.seq}, row.name); };
    drawer.openRejected = ({day, sha256, reason}) => open({day, sha256, reason});

    document.addEventListener("click", (event) => {
        const button = event.target.closest("[data-lvd-open]");
        if (button) open({seq: Number(button.dataset.lvdOpen)});
        const row = event.target.closest("#rejects-list tr");
        const opener = row && row.querySelector("[data-lvd-rejected]");
        const rejected = opener && !String(getSelection()) && rowOf(opener.dataset.lvdRejected);
        if (rejected) open(rejected);
    });

    document.addEventListener("click", (event) => {
        const button = event.target.closest("[data-lvd-find]");
        if (button) page.find(JSON.parse(button.dataset.lvdFind));
    });

    // As an earlier view had it.
    drawer.show = (what) => {
        if (JSON.stringify(what) === JSON.stringify(drawer.opened)) return;
        if (what) fill(what);
        else drawer.close();
    };

    // By the page itself, as a part of a change of its view.
    drawer.close = () => {
        drawer.opened = null;
        set("drawer", {opened: false});
    };

    function open(what, title) {
        fill(ofApp(what), title);
        // From one event to the next is one entry of the history.
        lvd.noteView("drawer");
    }

    const titleOf = ({seq, reason}) => (seq ? `Event ${lvd.number(seq)}` : `Rejected: ${reason}`);

    let times = 0;
    function fill(what, title = titleOf(what)) {
        const mine = (times += 1);
        set("opened-title", {children: title});
        set("opened-body", {children: "loading…"});
        set("drawer", {opened: true});
        // `opened` makes each opening a change, also of the same event.
        set("opened", {data: {...what, opened: mine}});
        drawer.opened = what;
        setTimeout(() => {
            const body = document.getElementById("opened-body");
            if (mine !== times || !body || body.textContent !== "loading…") return;
            set("opened-body", {children: "Not loaded: the dashboard's server did not answer. Close this and open it again."});
        }, PATIENCE);
    }

    // Their data may be there before their table is; and another event may be opened before that.
    callbacks.drawFields = async (rows) => {
        const mine = times;
        while (mine === times && !document.getElementById("opened-fields")) await lvd.sleep(20);
        if (mine === times) lvd.draw("opened-fields", rows);
        return rows.length;
    };

    callbacks.drawerMoved = (isOpen) => {
        if (isOpen || !page) return;
        drawer.opened = null;
        times += 1;
        lvd.noteView();
    };
})(window.lvd, window.dash_clientside.lvd);
