"""The path-traced pictures: which scene of traced/scenes.js becomes which file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Traced:
    """One traced picture; `flat` scenes are painted per point and quick, `wide` ones are kept at 1920 x 1080."""

    scene: str
    name: str
    title: str
    flat: bool = False
    wide: bool = False


TRACED = (
    Traced("lakeside", "hotel/lakeside", "秋日湖畔", flat=True, wide=True),
    Traced("splash", "hotel/splash-hills", "云起群山", flat=True, wide=True),
    Traced("bridge", "hotel/bridge", "古镇夜游", flat=True),
    Traced("lounge", "hotel/lounge", "云顶酒廊", flat=True),
    Traced("pool", "hotel/pool", "恒温泳池", flat=True),
    Traced("dining", "hotel/dining", "客房送餐"),
    Traced("spa", "hotel/spa", "栖心水疗"),
    Traced("steamer", "hotel/steamer", "江南早餐"),
    Traced("meeting", "hotel/meeting", "会议厅"),
    Traced("cinema", "hotel/cinema", "云上影院"),
    Traced("tea", "hotel/tea", "茶礼"),
    Traced("pines", "barracks/pines", "松林哨位的清晨", flat=True),
    Traced("dawnrun", "barracks/dawnrun", "山脊晨跑", flat=True),
    Traced("stage", "barracks/stage", "文艺晚会大合唱", flat=True),
    Traced("ball", "barracks/ball", "篮球联赛"),
    Traced("rice", "barracks/rice", "米饭配时蔬"),
    Traced("star", "barracks/star", "强军课堂"),
    Traced("hospital", "hospital/building", "门诊大楼", wide=True),
    Traced("doctor", "hospital/doctors", "专家介绍"),
    Traced("heart", "hospital/heart", "健康课堂"),
    Traced("ward", "hospital/ward", "病房"),
    Traced("salad", "hospital/salad", "营养膳食"),
    Traced("moon", "hospital/moon", "母婴关怀"),
    Traced("rehab", "hospital/rehab", "康复训练"),
    Traced("visit", "hospital/visit", "探视时间"),
    Traced("shield", "hospital/shield", "医保指南"),
    Traced("pills", "hospital/pills", "用药安全"),
    Traced("sneaker", "shop/sneaker", "云步三代实拍", wide=True),
)
