"""What the hosted pages say, by language."""

from __future__ import annotations

from collections.abc import Sequence

TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Verify your identity",
        "intro": "{brand} asks you to confirm who you are. "
        "Your details are compared with the population register.",
        "nikIdNumber": "NIK (16 digits on your card)",
        "fullName": "Full name as on your card",
        "dateOfBirth": "Date of birth",
        "submit": "Verify",
        "cancel": "Cancel",
        "errors": "Please check what you entered",
        "waiting": "Your details are being checked. This page goes on by itself.",
        "done": "Finished. You can close this page and go back to {brand}.",
        "failed": "This did not work. Please go back to {brand} and start again.",
        "gone": "This link cannot be used",
        "gone_help": "It was used already, has expired, or is not complete. Go back to where you came from "
        "and start again.",
        "choose": "Choose how to verify yourself",
        "sandbox": "SANDBOX: synthetic data, nothing here is real.",
    },
    "id": {
        "title": "Verifikasi identitas Anda",
        "intro": "{brand} meminta Anda memastikan identitas. Data Anda dicocokkan dengan data kependudukan.",
        "nikIdNumber": "NIK (16 angka pada KTP)",
        "fullName": "Nama lengkap sesuai KTP",
        "dateOfBirth": "Tanggal lahir",
        "submit": "Verifikasi",
        "cancel": "Batal",
        "errors": "Periksa kembali isian Anda",
        "waiting": "Data Anda sedang diperiksa. Halaman ini berlanjut dengan sendirinya.",
        "done": "Selesai. Anda dapat menutup halaman ini dan kembali ke {brand}.",
        "failed": "Verifikasi tidak berhasil. Kembali ke {brand} dan mulai lagi.",
        "gone": "Tautan ini tidak dapat dipakai",
        "gone_help": "Tautan sudah dipakai, kedaluwarsa, atau tidak lengkap. Kembali ke tempat asal Anda "
        "dan mulai lagi.",
        "choose": "Pilih cara verifikasi",
        "sandbox": "SANDBOX: data buatan, tidak ada yang nyata di sini.",
    },
}


def choose_language(preferred: Sequence[str], accept_language: str) -> str:
    """The first language, of the relying party's list, then the browser's, that the pages speak."""
    browser = [part.partition(";")[0].strip() for part in accept_language[:500].split(",")]
    for tag in (*preferred, *browser):
        code = tag.lower().partition("-")[0]
        if code in TEXTS:
            return code
    return "en"
