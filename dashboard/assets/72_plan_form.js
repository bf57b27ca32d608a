// The page Plan: the form's dialogs and buttons. Each change is a step that the server makes on the draft.
(function (lvd, callbacks) {
    "use strict";

    const plan = lvd.plan;

    callbacks.planSettings = () => {
        const {settings} = plan.draft();
        if (!settings) return;
        plan.set("settings-name", {value: settings.name});
        plan.set("settings-formats", {value: settings.formats});
        plan.set("settings-events", {value: settings.unplanned_events});
        plan.set("settings-properties", {value: settings.unplanned_properties});
        lvd.props("settings-error", {children: ""});
        plan.set("settings-dialog", {opened: true});
    };

    callbacks.planSettingsSaved = async (_clicks, name, formats, events, properties) => {
        const step = {
            do: "describe_plan", name: name || "", formats: formats, unplanned_events: events,
            unplanned_properties: properties,
        };
        if (await plan.takeStep(step, "settings-error")) plan.set("settings-dialog", {opened: false});
    };

    callbacks.planAddEvent = () => openEventDialog("", "", (name, description) =>
        ({do: "add_event", name: name, description: description}));

    let eventStep = null;
    function openEventDialog(name, description, makeStep) {
        eventStep = makeStep;
        plan.set("event-name", {value: name});
        plan.set("event-description", {value: description});
        lvd.props("event-error", {children: ""});
        plan.set("event-dialog", {opened: true});
    }

    callbacks.planEventSaved = async () => {
        // Not Dash's values, which may lag behind the key that ends the typing.
        const [name, description] = ["event-name", "event-description"].map((id) => document.getElementById(id).value);
        if (await plan.takeStep(eventStep(name, description), "event-error")) {
            plan.set("event-dialog", {opened: false});
        }
    };

    // The path of the property that the dialog is about; null: a new one.
    let replaced = null;
    const EMPTY = {path: "", types: [], required: false, values: [], pattern: "", least: "", most: "", description: ""};

    function openPropertyDialog(path) {
        replaced = path;
        const form = path === null ? EMPTY : plan.draft().forms[path];
        plan.set("property-path", {value: form.path});
        plan.set("property-types", {value: form.types});
        plan.set("property-required", {checked: form.required});
        plan.set("property-values", {value: form.values.join("\n")});
        plan.set("property-pattern", {value: form.pattern});
        plan.set("property-least", {value: form.least});
        plan.set("property-most", {value: form.most});
        plan.set("property-description", {value: form.description});
        lvd.props("property-error", {children: ""});
        plan.set("property-dialog", {opened: true});
    }

    callbacks.planPropertySaved = async (_clicks, path, types, required, values, pattern, least, most, description) => {
        const step = {
            do: "put_property", event: plan.view.event, replaces: replaced, path: path || "", types: types || [],
            required: Boolean(required), values: (values || "").split("\n").filter((value) => value.trim()),
            pattern: pattern || "", least: least || "", most: most || "", description: description || "",
        };
        if (await plan.takeStep(step, "property-error")) plan.set("property-dialog", {opened: false});
    };

    callbacks.planCancel = () => {
        plan.set("settings-dialog", {opened: false});
        plan.set("event-dialog", {opened: false});
        plan.set("property-dialog", {opened: false});
    };

    const STEPS = {
        "add-property": () => openPropertyDialog(null),
        "edit-property": (path) => openPropertyDialog(path),
        "remove-property": (path) => plan.takeStep({do: "remove_property", event: plan.view.event, path: path}),
        "remove-event": () => plan.takeStep({do: "remove_event", event: plan.view.event}),
        "rename": () => openEventDialog(plan.view.event, plan.draft().description, (name, description) =>
            ({do: "rename_event", event: plan.view.event, name: name, description: description})),
    };

    document.addEventListener("click", (event) => {
        const stepper = plan.isOpen() && event.target.closest("[data-lvd-step]");
        if (stepper) STEPS[stepper.dataset.lvdStep](stepper.dataset.lvdPath);
    });
})(window.lvd, window.dash_clientside.lvd);
