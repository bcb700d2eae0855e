// Finding things in a zone document, and what of it shows at a moment.

import { isOn } from "./resolve.js";

/** Every second-level column with the first-level one above it. */
export function shelves(document) {
  return document.zone.columns.flatMap((first) => first.columns.map((second) => ({ first, second })));
}

/** The items of a second-level column that are on at a moment. */
export function itemsOn(second, moment) {
  return second.items.filter((item) => isOn(item.windows, moment));
}

/** Every item of the zone that is on, in order. */
export function rotation(document, moment) {
  return shelves(document).flatMap(({ second }) => itemsOn(second, moment));
}

/** Where an item stands: its shelf, or null. */
export function shelfOf(document, itemId) {
  return shelves(document).find(({ second }) => second.items.some((item) => item.id === itemId)) ?? null;
}

/** The shelf that a column of either level stands for; null where there is none. */
export function shelfFor(document, columnId) {
  const all = shelves(document);
  return all.find(({ second }) => second.id === columnId) ?? all.find(({ first }) => first.id === columnId) ?? null;
}

/** Where an action of a slot leads, as a place of the player; null where its target is not there. */
export function placeOf(action, document) {
  switch (action.open) {
    case "column":
      return document.zone.columns.some((one) => one.id === action.column) || shelfFor(document, action.column)
        ? { screen: "zone", column: action.column }
        : null;
    case "item":
      return shelfOf(document, action.item) ? { screen: "viewer", item: action.item } : null;
    case "video":
      return { screen: "video", asset: action.asset };
    case "live":
    case "url":
      return { screen: action.open, url: action.url };
    case "app":
      return { screen: "app", package: action.package };
    default:
      return null;
  }
}
