"""An app as a whole: what it is, who signed it, or the sentence why it is not taken."""

import re
from dataclasses import dataclass
from pathlib import Path

from portal.core.errors import Refused
from portal.core.messages import N_
from portal.media.apk.archive import Archive, BadArchive, Bomb, NoArchive
from portal.media.apk.chunks import BadResources
from portal.media.apk.manifest import Manifest, read_manifest
from portal.media.apk.resources import Resources
from portal.media.apk.signing import BadSignature, OtherSignature, Unsigned, verify
from portal.media.limits import APKS, MEBIBYTE

_MANIFEST, _RESOURCES = "AndroidManifest.xml", "resources.arsc"
_PACKAGE = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+")
_PICTURES = (".png", ".webp", ".jpg")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True)
class Apk:
    """What an app says of itself, and who vouches for it: the SHA-256 of the signing certificate.

    `icon` is a picture file out of the app, still a stranger's, or None.
    """

    package: str
    version_code: int
    version_name: str
    name: str
    permissions: tuple[str, ...]
    min_sdk: int
    signer_sha256: str
    icon: bytes | None


def read_apk(path: Path) -> Apk:
    """This function will read the app at `path` and verify its signature, in bounds and within seconds.

    Raises `Refused` with a code that begins `apk_` and a sentence that says what is wrong and what to do.
    """
    _judge_bytes(path.stat().st_size)
    try:
        with Archive(path) as archive:
            signer = verify(archive.file, archive.layout)
            return _read(archive, signer)
    except NoArchive as wrong:
        raise Refused(
            "apk_type", N_("这个文件的内容不是安卓安装包（APK），文件名的后缀不算数。请上传开发方给的 APK 文件。")
        ) from wrong
    except Bomb as wrong:
        raise Refused(
            "apk_bomb", N_("安装包解开后大得不正常，或者里面的文件互相重叠，不能收。请向开发方要正式构建的 APK。")
        ) from wrong
    except Unsigned as wrong:
        raise Refused("apk_unsigned", N_("安装包没有 v2 或 v3 签名。请让开发方用 apksigner 签名后再上传。")) from wrong
    except BadSignature as wrong:
        raise Refused(
            "apk_signature", N_("签名和内容对不上：签名以后文件被改动过，或没有下载完整。请向开发方重新要一份。")
        ) from wrong
    except OtherSignature as wrong:
        raise Refused(
            "apk_signer_kind", N_("签名的方式暂不支持（多个签名人，或换过签名密钥）。请让开发方用一个密钥签名。")
        ) from wrong
    except (BadArchive, BadResources, KeyError) as wrong:
        raise Refused("apk_broken", N_("安装包不完整或已损坏，没能读完。请重新下载，或向开发方重新要一份。")) from wrong


def _read(archive: Archive, signer: str) -> Apk:
    manifest = read_manifest(archive.read(_MANIFEST, APKS.manifest_bytes))
    resources = Resources(archive.read(_RESOURCES, APKS.resources_bytes)) if _RESOURCES in archive else None
    _judge(manifest)
    name = _shown(resources.text(manifest.label) if resources else _plain(manifest.label), APKS.name_shown)
    version = _shown(
        resources.text(manifest.version_name) if resources else _plain(manifest.version_name), APKS.version_shown
    )
    return Apk(
        package=manifest.package,
        version_code=manifest.version_code,
        version_name=version,
        name=name or manifest.package[: APKS.name_shown],
        permissions=tuple(_shown(one, APKS.permission_characters) for one in manifest.permissions[: APKS.permissions]),
        min_sdk=manifest.min_sdk,
        signer_sha256=signer,
        icon=_icon(archive, resources, manifest),
    )


def _judge(manifest: Manifest) -> None:
    if manifest.split is not None:
        raise Refused("apk_split", N_("这是安装包的一部分（split APK），不能单独安装。请让开发方导出完整的 APK。"))
    if (
        not _PACKAGE.fullmatch(manifest.package)
        or len(manifest.package) > APKS.package_characters
        or manifest.version_code < 1
    ):
        raise Refused("apk_manifest", N_("安装包里的包名或版本号不对。请让开发方检查后重新构建。"))


def _icon(archive: Archive, resources: Resources | None, manifest: Manifest) -> bytes | None:
    """The finest plain picture that the icon is or stands for; one that is drawn by rules (XML) has no picture of its own."""
    files = resources.files(manifest.icon) if resources else []
    for name in [one for one in files if one.lower().endswith(_PICTURES)]:
        if name in archive:
            return archive.read(name, APKS.icon_bytes)
    return None


def _plain(value: object) -> str | None:
    text = getattr(value, "text", None)
    return text if isinstance(text, str) else None


def _shown(text: str | None, most: int) -> str:
    return " ".join(_UNSEEN.sub(" ", text or "").split())[:most]


def _judge_bytes(size: int) -> None:
    if size == 0:
        raise Refused("apk_empty", N_("这个文件是空的。请重新选择安装包。"))
    if size > APKS.bytes:
        raise Refused(
            "apk_too_large", N_("安装包太大，最多 %(limit)d MB。请让开发方精简后再上传。", limit=APKS.bytes // MEBIBYTE)
        )
