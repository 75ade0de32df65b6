"""Takes the picture of an evaluation report: python docs/report_picture.py REPORT.html."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).resolve().parent / "evaluation.png"
CHROMIUM = Path("/usr/bin/chromium")


def main(report: Path) -> None:
    """Save what stands above the tables: the numbers, the gate and the charts."""
    with sync_playwright() as playwright:
        path = str(CHROMIUM) if CHROMIUM.exists() else None
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1180, "height": 900})
        page.goto(report.resolve().as_uri())
        below = page.get_by_role("heading", name="Slices").bounding_box()
        shown = page.screenshot(full_page=True)
        browser.close()
    picture = Image.open(io.BytesIO(shown))
    height = int(below["y"]) - 20 if below else picture.height
    picture.crop((0, 0, picture.width, height)).quantize(64).save(PICTURE, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
