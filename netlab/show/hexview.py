"""x"""


def fields(drawing: object) -> str:
    return ""
