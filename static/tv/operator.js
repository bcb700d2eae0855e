// The operator's own recommendations, which stand where a customer has put nothing: by position, Chinese and English.

const ROOT = new URL("../operator/", import.meta.url);

const TILES = [
  ["theatre", "热播剧场", "Drama"],
  ["kids", "少儿乐园", "Kids"],
  ["cinema", "4K 影院", "4K cinema"],
  ["sport", "体育赛场", "Sports"],
  ["news", "新闻直播", "News live"],
  ["nature", "自然纪录", "Nature"],
  ["music", "音乐现场", "Music"],
  ["game", "家庭游戏", "Games"],
  ["school", "空中课堂", "School on air"],
  ["opera", "戏曲梨园", "Opera"],
];

/** Picture and title of the operator's own tile at a position (1..10). */
export function operatorTile(position, lang) {
  const [name, chinese, english] = TILES[position - 1];
  return { url: new URL(`${name}.jpg`, ROOT).href, title: lang.startsWith("en") ? english : chinese };
}
