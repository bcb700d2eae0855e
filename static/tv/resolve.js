// Windows and schedules of the box contract: what is on at a moment. The portal has the same rules in Python; both meet the one file
// of vectors that the portal ships. Pure: documents in, answers out; a moment is a Date.

const MIDNIGHT = 24 * 60;
const DAY = 86_400_000;
const OFFSET = { "Asia/Shanghai": 8 * 3_600_000 }; // without daylight saving, so that no table of zones is needed

/** Whether content with these windows, a union, shows at a moment; without windows it always does. */
export function isOn(windows, moment) {
  return windows.length === 0 || windows.some((window) => windowIsOn(window, moment));
}

function windowIsOn(window, moment) {
  const local = new Date(moment.getTime() + OFFSET[window.tz]);
  const minute = local.getUTCHours() * 60 + local.getUTCMinutes();
  const start = minutes(window.start, 0);
  const end = minutes(window.end, MIDNIGHT);
  if (end > start) return start <= minute && minute < end && startsOn(window, local);
  const yesterday = new Date(local.getTime() - DAY);
  return (minute >= start && startsOn(window, local)) || (minute < end && startsOn(window, yesterday));
}

/** Dates and weekdays speak of the day on which a window starts. */
function startsOn(window, local) {
  const day = local.toISOString().slice(0, 10);
  if (window.from && day < window.from) return false;
  if (window.until && day > window.until) return false;
  return !window.days || window.days.includes(local.getUTCDay() || 7);
}

function minutes(text, absent) {
  return text ? Number(text.slice(0, 2)) * 60 + Number(text.slice(3)) : absent;
}

/** The first moment after this one at which `isOn` answers otherwise, or null for never. */
export function nextChange(windows, moment) {
  const shown = isOn(windows, moment);
  const later = edges(windows, moment).filter((edge) => edge > moment.getTime());
  const found = later.sort((a, b) => a - b).find((edge) => isOn(windows, new Date(edge)) !== shown);
  return found === undefined ? null : new Date(found);
}

/** Every moment at which an answer may change. Between two dates that a window names the pattern repeats weekly, so a week after each of
 * them, and after now, holds every change. */
function edges(windows, moment) {
  const today = Math.floor((moment.getTime() + OFFSET["Asia/Shanghai"]) / DAY) * DAY;
  const named = windows.flatMap(({ from, until }) => [from, until]).map((day) => Date.parse(day)).filter((day) => day > today);
  const found = [];
  for (const anchor of new Set([today, ...named])) {
    for (let day = anchor - DAY; day <= anchor + 8 * DAY; day += DAY) {
      for (const window of windows) if (startsOn(window, new Date(day))) found.push(...bounds(window, day));
    }
  }
  return found;
}

/** When a window that starts on a day begins and ends. */
function bounds(window, day) {
  const midnight = day - OFFSET[window.tz];
  const start = minutes(window.start, 0);
  const end = minutes(window.end, MIDNIGHT);
  return [start, end > start ? end : end + MIDNIGHT].map((minute) => midnight + minute * 60_000);
}

/** The messages on at a moment in the order they run: highest priority first, then by id. */
export function marqueesOn(messages, moment) {
  return messages.filter((one) => isOn(one.windows, moment)).sort((a, b) => b.priority - a.priority || byId(a, b));
}

/** The ids of the playlists that alternate: those of the entries of the highest priority on, by the entries' ids, else the default. */
export function playlistsOn(ads, moment) {
  const on = ads.schedule.filter((entry) => isOn(entry.windows, moment));
  const top = Math.max(...on.map((entry) => entry.priority));
  const playing = on.filter((entry) => entry.priority === top).sort(byId);
  if (playing.length > 0) return [...new Set(playing.map((entry) => entry.playlist))];
  return ads.default === null ? [] : [ads.default];
}

/** Items without end: one of each playlist in turn, every playlist starting over for itself. */
export function* loop(ads, playlists) {
  const lists = playlists.map((id) => ads.playlists.find((one) => one.id === id)?.items ?? []).filter((items) => items.length > 0);
  for (let round = 0; lists.length > 0; round += 1) {
    for (const items of lists) yield items[round % items.length];
  }
}

/** What a box turns to when nobody has touched it for the idle time: "zone", "ads" or "desktop". */
export function showsWhenIdle({ ads, zoneShows, insideZone }, moment) {
  if (insideZone) return "zone";
  if (playlistsOn(ads, moment).length > 0) return "ads";
  return zoneShows ? "zone" : "desktop";
}

function byId(a, b) {
  return a.id < b.id ? -1 : Number(a.id > b.id);
}
