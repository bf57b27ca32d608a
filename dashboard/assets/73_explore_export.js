// Exports of the page Explore: ordered here, fetched by the browser as any file, followed until they end.
(function (lvd, callbacks) {
    "use strict";

    const explore = lvd.explore;
    // Of these there is no file, or none that is whole.
    const FAILED = new Set(["refused", "failed"]);
    // These are not followed any further.
    const FINAL = new Set([...FAILED, "done", "cancelled"]);
    // Between two questions how far it came, in milliseconds.
    const PAUSE = 700;
    const CANCELLING = "Cancelling …";

    // The one that is told of, and the one that was last told to end: it does so with its next page.
    let followed = null;
    let cancelled = null;
    // The one that waits for its view's first rows, or for its file's address.
    let ordered = null;

    async function order(format) {
        const mine = (ordered = {});
        // What is ordered is the view of now.
        const view = {...explore.view};
        const isWanted = () => ordered === mine && explore.isOpen();
        say("Preparing the export …", true);
        try {
            const token = await explore.grid.opened();
            if (!isWanted()) return;
            const made = await lvd.post("/api/export", {view: view, token: token, format: format});
            if (!isWanted()) return;
            followed = made.id;
            fetchFile(made.address);
            follow(made.id);
        } catch (error) {
            if (!isWanted()) return;
            lvd.props("export-state", {hidden: true});
            lvd.failed(`Nothing was exported: ${error.message}.`);
        } finally {
            if (ordered === mine) ordered = null;
        }
    }

    function fetchFile(address) {
        const link = document.createElement("a");
        link.href = address;
        link.download = "";
        document.body.append(link);
        link.click();
        link.remove();
    }

    const isFollowed = (id) => followed === id && explore.isOpen();

    async function follow(id) {
        while (isFollowed(id)) {
            await lvd.sleep(PAUSE);
            try {
                const {state, text} = await lvd.post("/api/export/progress", {id: id});
                if (!isFollowed(id)) return;
                const goesOn = !FINAL.has(state);
                tell(goesOn && cancelled === id ? CANCELLING : text, goesOn);
                if (!goesOn) followed = null;
                if (FAILED.has(state)) lvd.failed(text);
            } catch (error) {
                if (!isFollowed(id)) return;
                tell(`How far the export came is not known: ${error.message}.`, true);
                if (error.status === 404) followed = null;
            }
        }
    }

    // Of the one that is followed, unless a later one waits: that is told of.
    const tell = (text, goesOn) => { if (!ordered) say(text, goesOn); };

    function say(text, goesOn) {
        lvd.props("export-text", {children: text});
        lvd.props("export-cancel", {display: goesOn ? "inline-block" : "none"});
        lvd.props("export-state", {hidden: false});
    }

    callbacks.exportCsv = () => { order("csv"); };
    callbacks.exportJsonLines = () => { order("jsonl"); };
    callbacks.exportParquet = () => { order("parquet"); };
    callbacks.exportCancel = async () => {
        if (ordered) {
            ordered = null;
            lvd.props("export-state", {hidden: true});
            return;
        }
        const id = followed;
        if (!id) return;
        try {
            await lvd.post("/api/export/cancel", {id: id});
            cancelled = id;
            if (isFollowed(id)) say(CANCELLING, true);
        } catch (error) {
            if (isFollowed(id)) lvd.failed(`The export goes on: ${error.message}. Try again.`);
        }
    };
})(window.lvd, window.dash_clientside.lvd);
