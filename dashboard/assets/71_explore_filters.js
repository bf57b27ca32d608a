// The filters of the page Explore: how one is put together, and those that hold.
(function (lvd, callbacks) {
    "use strict";

    const explore = lvd.explore;
    const WHERE = "where";
    const set = (id, props) => window.dash_clientside.set_props(id, props);

    // Too many to offer any: what is wanted is typed. Of the others values are offered, once they were answered.
    const TYPED = new Set(["subject", "run"]);
    // Of other fields only what is offered can be chosen.
    const FREE = new Set(["name", "path", "version", "environment", "platform", "sdk"]);
    // As the list's `limit`: of more matches the last ones are not shown.
    const MOST_LISTED = 100;

    const shape = {field: "name", how: "is"};
    // What was typed into the list last, and what of it was chosen: both are offered beside the known values.
    let typed = "";
    let kept = [];

    // A page that is opened anew begins with the layout's own.
    explore.forgetShape = () => {
        Object.assign(shape, {field: "name", how: "is"});
        typed = "";
        kept = [];
    };

    callbacks.exploreFilterShape = (field, how) => {
        const another = field !== shape.field;
        Object.assign(shape, {field: field, how: how});
        if (another) {
            typed = "";
            kept = [];
        }
        explore.offer();
        if (another) ["explore-chosen", "explore-typed"].forEach((id) => set(id, {value: []}));
    };

    callbacks.exploreSearched = (text, chosen) => {
        // The text goes when its option is chosen, and that must stay on offer.
        if (!(text || "").trim()) return;
        typed = text.trim();
        kept = chosen || [];
        explore.offer();
    };

    // Enter takes the text as it stands, unless the list took the key: then the text is gone by now.
    callbacks.exploreEntered = (submits, chosen) => {
        const text = document.getElementById("explore-chosen").value.trim();
        const alike = (option) => option.label.toLowerCase() === text.toLowerCase();
        const {value} = options(shape.field).find(alike) || {value: FREE.has(shape.field) ? text : ""};
        if (!value) return;
        const before = shape.how === "is" ? [] : chosen || [];
        set("explore-chosen", {value: [...new Set([...before, value])], searchValue: ""});
    };

    const asOption = (value) => ({value: value, label: value});

    // The known values, and what was typed, unless that is one of them.
    function options(field) {
        const offered = explore.offered[field] || [];
        if (!FREE.has(field)) return offered;
        const known = new Set(offered.map((option) => option.value));
        const chosen = kept.filter((value) => !known.has(value) && value !== typed).map(asOption);
        const own = typed && !known.has(typed) ? [asOption(typed)] : [];
        const matching = offered.filter((option) => option.label.toLowerCase().includes(typed.toLowerCase()));
        return matching.length < MOST_LISTED ? [...offered, ...chosen, ...own] : [...own, ...offered, ...chosen];
    }

    function nothingFound(field) {
        if (FREE.has(field)) return "Type a value";
        return (explore.offered[field] || []).length ? "Nothing of this list reads so" : "There is nothing to choose from yet";
    }

    explore.offer = () => {
        const {field, how} = shape;
        const isListed = field !== WHERE && !TYPED.has(field);
        const most = how === "is" ? 1 : 100;
        lvd.props("explore-chosen", {
            data: options(field), maxValues: most, display: isListed ? "block" : "none",
            nothingFoundMessage: nothingFound(field), placeholder: FREE.has(field) ? "Value, then Enter" : "Value",
        });
        lvd.props("explore-typed", {maxTags: most, display: TYPED.has(field) ? "block" : "none"});
        lvd.props("explore-property", {display: field === WHERE ? "block" : "none"});
        lvd.props("explore-how", {disabled: field === WHERE});
    };

    callbacks.exploreAdd = (clicks, submits, field, how, chosen, typed) => {
        if (field === WHERE) addProperty();
        else addValues(field, how, TYPED.has(field) ? typed : chosen);
    };

    function addProperty() {
        // Not Dash's value, which may lag behind the key that ends the typing.
        const text = document.getElementById("explore-property").value.trim();
        const {where} = explore.view;
        if (!text || where.includes(text)) return;
        explore.view.where = [...where, text];
        set("explore-property", {value: ""});
        explore.held();
    }

    function addValues(field, how, values) {
        if (!values || !values.length) return;
        const side = how === "is_not" ? "unwanted" : "values";
        const before = how === "is" ? [] : explore.view[side][field] || [];
        explore.view[side] = {...explore.view[side], [field]: [...new Set([...before, ...values])]};
        set("explore-chosen", {value: []});
        set("explore-typed", {value: []});
        typed = "";
        kept = [];
        explore.offer();
        explore.held();
    }

    // Other filters hold than before.
    explore.held = () => {
        explore.view = lvd.view = {...explore.view};
        explore.drawFilters();
        explore.changed();
    };

    const label = (field, value) => {
        const known = (explore.offered[field] || []).find((option) => option.value === value);
        return known ? known.label : value;
    };

    function words(field, values, unwanted) {
        const said = values.map((value) => label(field, value)).join(", ");
        const several = values.length > 1;
        const how = unwanted ? (several ? "is none of" : "is not") : several ? "in" : "is";
        return `${explore.labels[field] || field} ${how} ${said}`;
    }

    function* filters() {
        const {view} = explore;
        for (const side of ["values", "unwanted"]) {
            for (const [field, values] of Object.entries(view[side])) {
                const rest = {...view[side]};
                delete rest[field];
                yield {words: words(field, values, side === "unwanted"), without: {[side]: rest}};
            }
        }
        for (const text of view.where) {
            yield {words: text, without: {where: view.where.filter((each) => each !== text)}};
        }
    }

    explore.drawFilters = () => {
        const list = document.getElementById("explore-filters");
        if (!list || !explore.view) return;
        list.replaceChildren(...[...filters()].map(item));
    };

    function item(filter) {
        const entry = document.createElement("li");
        const text = document.createElement("span");
        text.textContent = filter.words;
        const remove = document.createElement("button");
        remove.type = "button";
        remove.textContent = "×";
        remove.setAttribute("aria-label", `Remove filter: ${filter.words}`);
        remove.addEventListener("click", () => {
            explore.view = {...explore.view, ...filter.without};
            explore.held();
            // Its button is gone: the focus goes where the next filter is made.
            document.getElementById("explore-field").focus();
        });
        entry.append(text, remove);
        return entry;
    }
})(window.lvd, window.dash_clientside.lvd);
