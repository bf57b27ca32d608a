// The page Plan: drafts. The text is the draft; the form's changes are made to it by the server.
(function (lvd, callbacks) {
    "use strict";

    const plan = lvd.plan;
    // As the server has it, in bytes.
    const MAX_BYTES = 4 * 2 ** 20;
    // How long typing pauses before the text is checked, in milliseconds.
    const PAUSE = 500;
    // By app: {appId, base, inForce, text, filename, isTouched, isChecked, isChanged, isUsable, forms, settings,
    // description; flight, step, stepping}. They outlive a visit to another page. `text` null: what is in force.
    // `flight`: the question under way. `step`, `stepping`: the step that it takes, and its end; what else is asked
    // waits for that, for it would end it.
    const drafts = new Map();
    // The app of the draft that is drawn, and where it is.
    let drawnOf = null;
    const PLACES = ["plan-draft-events", "plan-draft-event", "plan-changes"];
    let timer = null;

    const draft = (plan.draft = () => drafts.get(plan.view.app_id));
    const textArea = () => document.getElementById("plan-text");
    const element = (type, text, className) =>
        ({namespace: "dash_html_components", type: type, props: {children: text, className: className}});

    plan.openDraft = () => {
        const appId = plan.view.app_id;
        if (!draft()) drafts.set(appId, {appId: appId, base: null, inForce: null, text: null, filename: "plan.yaml", forms: {}});
        if (drawnOf !== appId) empty();
        showText();
        showStanding();
        plan.check().then((done) => { if (done) planUnplanned(); });
    };

    // What is drawn is of another app's draft, or nothing is.
    function empty() {
        drawnOf = null;
        PLACES.forEach((place) => lvd.draw(place, lvd.LOADING));
        lvd.draw("plan-problems", []);
        lvd.props("plan-base", {children: ""});
        lvd.props("plan-save", {children: "Save"});
        lvd.props("plan-rebase", {display: "none"});
    }

    // What the address asks for, once per draft.
    async function planUnplanned() {
        const name = plan.view.draft;
        if (!name || draft().drafted) return;
        draft().drafted = true;
        if (await takeStep({do: "plan_unplanned", event: name})) jump({named: name});
    }

    function showText() {
        const text = draft().text || "";
        if (textArea().value !== text) textArea().value = text;
    }

    // Asks what is wrong with the draft, and what it would change.
    plan.check = () => takeStep(null);

    const isThere = (held) => plan.isOpen() && draft() === held;

    // Whether it was answered, and what the answer says is the draft's now.
    async function ask(held, step) {
        const told = JSON.stringify(step);
        // A second click.
        if (step && held.stepping && told === held.step) return false;
        while (held.stepping) await held.stepping.catch(() => {});
        if (!isThere(held)) return false;
        if (!step) return question(held, null);
        held.step = told;
        held.stepping = question(held, step);
        showStanding();
        try {
            return await held.stepping;
        } finally {
            held.stepping = null;
            if (isThere(held)) showStanding();
        }
    }

    async function question(held, step) {
        if (held.flight) held.flight.abort();
        clearTimeout(timer);
        const mine = (held.flight = new AbortController());
        const {text} = held;
        const {event} = plan.view;
        const answer = await lvd.post("/api/plan/draft", {
            app_id: held.appId, text: text, filename: held.filename, step: step, event: event, search: plan.view.search,
        }, mine.signal);
        if (mine.signal.aborted) return false;
        if (held.text !== text) {
            if (step) throw new Error("the draft's text was changed in the meantime: try it again");
            return false;
        }
        take(held, answer, event);
        return true;
    }

    function take(held, answer, event) {
        if ("text" in answer) held.text = answer.text;
        if (held.base === null) held.base = answer.in_force;
        Object.assign(held, {
            isUnanswered: false, isChecked: true, filename: answer.filename, inForce: answer.in_force,
            isChanged: answer.is_changed, isUsable: answer.is_usable, forms: answer.forms,
            description: answer.description || "", settings: answer.settings,
        });
        if (isThere(held)) show(answer, event);
    }

    function show(answer, event) {
        drawnOf = plan.view.app_id;
        if ("text" in answer) showText();
        // Else another one was opened meanwhile, by Back above all, and its own question follows.
        if (plan.view.tab === "edit" && plan.view.event === event) {
            plan.view.event = answer.opened;
            lvd.correctView();
        }
        lvd.draw("plan-problems", answer.problems);
        lvd.draw("plan-changes", answer.changes);
        const unreadable = [element("P", "The form needs a plan that can be read: correct the text first.", "lvd-dimmed")];
        plan.drawList("plan-draft-events", answer.list || unreadable);
        lvd.draw("plan-draft-event", answer.event || []);
        showStanding();
    }

    function showStanding() {
        const held = draft();
        const canSave = held.isChecked && held.isUsable && held.isChanged && !held.isSaving && !held.stepping;
        lvd.props("plan-save", {disabled: !canSave});
        lvd.props("plan-discard", {disabled: !held.isTouched});
        if (held.inForce === null) return;
        const isBehind = held.base !== null && held.inForce !== held.base;
        const from = held.base ? `Draft on version ${held.base}` : "Draft of the first version";
        lvd.props("plan-base", {children: isBehind ? `${from}; version ${held.inForce} is in force by now.` : `${from}.`});
        lvd.props("plan-save", {
            children: held.base === null ? "Save" : `Save as version ${Math.max(held.inForce, held.base) + 1}`,
        });
        lvd.props("plan-rebase", {
            display: isBehind ? "inline-block" : "none", children: `Compare with version ${held.inForce}`,
        });
    }

    // What is in force, as the page's clock tells; the server is there again if it was away.
    plan.noticeVersion = (version) => {
        const held = draft();
        // A step that succeeds makes the draft the viewer's own.
        if (held && held.stepping) return;
        if (held && held.isUnanswered) plan.check();
        if (!held || held.inForce === null || held.inForce === version) return;
        held.inForce = version;
        if (!held.isTouched) discard();
        else showStanding();
    };

    // True once it is done; a step that cannot be done leaves the draft as it was.
    plan.takeStep = takeStep;
    async function takeStep(step, tellIn) {
        const held = draft();
        try {
            const isDone = await ask(held, step);
            if (isDone && step) {
                held.isTouched = true;
                if (isThere(held)) showStanding();
            }
            return isDone;
        } catch (error) {
            // The page's clock asks again.
            if (error.status === 0 || error.status >= 500) held.isUnanswered = true;
            if (error.name === "AbortError" || !isThere(held)) return false;
            // Nothing is under way any more.
            if (drawnOf === null && !held.isUnanswered) PLACES.forEach((place) => lvd.draw(place, []));
            // The step took the place of the check of what was typed before it.
            if (step && !held.isChecked) checkLater();
            if (tellIn) lvd.props(tellIn, {children: error.message});
            else if (step) fail(error);
            else tell(error);
            return false;
        }
    }

    function tell(error) {
        if (error.name === "AbortError" || !plan.isOpen()) return;
        lvd.draw("plan-problems", [element("P", error.message, "lvd-plan-error")]);
    }

    // What the viewer did failed: told also where the problems are out of sight.
    function fail(error) {
        tell(error);
        if (error.name !== "AbortError" && plan.isOpen()) lvd.failed(error.message);
    }

    document.addEventListener("input", (event) => {
        if (event.target.id !== "plan-text") return;
        Object.assign(draft(), {text: event.target.value, isTouched: true, isChecked: false});
        showStanding();
        checkLater();
    });

    function checkLater() {
        clearTimeout(timer);
        timer = setTimeout(() => { if (plan.isOpen()) plan.check(); }, PAUSE);
    }

    // Nobody loses a draft by closing the window.
    window.addEventListener("beforeunload", (event) => {
        if ([...drafts.values()].some((held) => held.isTouched)) event.preventDefault();
    });

    function discard(appId = plan.view.app_id) {
        const {flight} = drafts.get(appId);
        if (flight) flight.abort();
        drafts.delete(appId);
        if (appId !== plan.view.app_id || !plan.isOpen()) return;
        plan.view.draft = "";
        lvd.correctView();
        plan.openDraft();
    }

    callbacks.planDiscard = () => {
        if (window.confirm("Discard the draft, with everything that you changed?")) discard();
    };

    callbacks.planRebase = () => {
        draft().base = draft().inForce;
        plan.check();
    };

    callbacks.planSave = async (_clicks, note) => {
        const held = draft();
        const {base, text, filename} = held;
        const appId = plan.view.app_id;
        held.isSaving = true;
        showStanding();
        try {
            const saved = await lvd.post("/api/plan/save", {
                app_id: appId, base_version: base, text: text, filename: filename, note: note || "",
            });
            held.isSaving = false;
            // What was typed, or is done, meanwhile is a draft on what was saved; and another draft may have been begun.
            const isWhole = held.text === text && !held.stepping;
            if (!isWhole) Object.assign(held, {base: saved.version, inForce: saved.version});
            else if (drafts.get(appId) === held) discard(appId);
            if (!plan.isOpen()) return;
            if (!isWhole) plan.check();
            plan.set("plan-note", {value: ""});
            plan.say(saved.changed
                ? `Saved: version ${saved.version} of ${lvd.counted(saved.events, "event")} judges what arrives from now on.`
                : `Version ${saved.version}, in force, is the same: nothing was saved.`);
        } catch (error) {
            held.isSaving = false;
            if (!plan.isOpen()) return;
            if (error.code === "conflict") await ask(held, null).catch(tell);
            else showStanding();
            fail(error);
        }
    };

    callbacks.planUpload = () => {
        const chooser = document.createElement("input");
        chooser.type = "file";
        chooser.accept = ".yaml,.yml,.json,.csv,.tsv";
        chooser.addEventListener("change", () => { if (chooser.files.length) upload(chooser.files[0]); });
        chooser.click();
    };

    async function upload(file) {
        const held = draft();
        const before = {text: held.text, filename: held.filename, isTouched: held.isTouched};
        let text;
        try {
            if (file.size > MAX_BYTES) throw new Error("it is larger than 4 MB: use lvd plan push");
            const bytes = await file.arrayBuffer();
            text = new TextDecoder("utf-8", {fatal: true}).decode(bytes);
            Object.assign(held, {isTouched: true, text: text, filename: file.name.slice(-200)});
            if (await ask(held, {do: "take_file"}) && isThere(held)) {
                showText();
                plan.say(`${file.name} is the draft now: nothing is saved yet.`);
            }
        } catch (error) {
            // Not over what was typed meanwhile.
            if (held.text === text) Object.assign(held, before);
            if (error.name === "AbortError" || !isThere(held)) return;
            const why = error instanceof TypeError ? "it is not UTF-8: save the file as UTF-8" : error.message;
            fail(new Error(`${file.name} was not taken: ${why}`));
        }
    }

    document.addEventListener("click", (event) => {
        const problem = plan.isOpen() && event.target.closest("[data-lvd-place]");
        if (!problem) return;
        const {lvdPlace, lvdNamed, lvdPointer} = problem.dataset;
        jump({line: Number(lvdPlace), named: lvdNamed, pointer: lvdPointer});
    });

    // Shows a place of the text: its line, or where the event, then each step of the pointer, is named.
    function jump({line, named, pointer}) {
        plan.set("plan-as", {value: "text"});
        lvd.props("plan-text-panel", {hidden: false});
        const area = textArea();
        const start = line ? startOfLine(area.value, line) : placeOf(area.value, named, pointer || "");
        const end = area.value.indexOf("\n", start);
        untilSeen(area).then(() => {
            area.focus();
            area.setSelectionRange(start, end < 0 ? area.value.length : end);
            const lines = area.value.slice(0, start).split("\n").length - 1;
            area.scrollTop = Math.max(lines - 4, 0) * parseFloat(getComputedStyle(area).lineHeight);
        });
    }

    // The panel of the text is shown by Dash, which takes a moment.
    async function untilSeen(area) {
        for (let tries = 0; tries < 40 && !area.offsetParent; tries += 1) await lvd.sleep(25);
    }

    function startOfLine(text, line) {
        let start = 0;
        for (let passed = 1; passed < line; passed += 1) start = text.indexOf("\n", start) + 1;
        return start;
    }

    function placeOf(text, named, pointer) {
        const steps = pointer.split("/").slice(1).map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
        let place = 0;
        for (const step of named ? [named, ...steps] : steps) {
            const written = [`${step}:`, `${JSON.stringify(step)}:`].map((word) => text.indexOf(word, place));
            const found = written.filter((at) => at >= 0);
            if (!found.length) break;
            place = Math.min(...found);
        }
        return place;
    }
})(window.lvd, window.dash_clientside.lvd);
