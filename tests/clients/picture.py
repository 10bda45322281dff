"""A picture to send: one transparent pixel, and an address that nobody needs to open."""

BASE64 = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "YPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
LINK = "https://example.com/cat.png"
