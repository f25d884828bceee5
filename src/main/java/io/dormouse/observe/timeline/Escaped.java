package io.dormouse.observe.timeline;

/** Text that others have chosen, as text: whatever is in it, it ends nothing and begins nothing. */
final class Escaped {
  private Escaped() {}

  /** As text or an attribute's value in HTML and XML 1.0. */
  static String xml(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.appendCodePoint(isXml(c) ? c : '\uFFFD');
      }
    }
    return out.toString();
  }

  /** Whether it is a character that is seen, or a blank. */
  private static boolean isXml(int c) {
    boolean control = (c < ' ' && c != '\n') || (c >= 0x7F && c <= 0x9F);
    boolean none = (c >= 0xD800 && c <= 0xDFFF) || c == 0xFFFE || c == 0xFFFF;
    return !control && !none && !isDirection(c);
  }

  /** What turns the direction of the text around it, so that it reads as something else. */
  private static boolean isDirection(int c) {
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  }

  /** Without what is not seen: control characters, halves of characters, changes of direction. */
  static String visible(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      out.appendCodePoint(isXml(c) && c != '\n' ? c : '\uFFFD');
    }
    return out.toString();
  }

  /**
   * As a string of JSON (RFC 8259), with its quotes, that may stand in a {@code script} element
   * too: it has none of the characters that can end one.
   */
  static String json(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || c >= 0x7F || c == '<' || c == '>' || c == '&' || c == '\'') {
        out.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
          out.append(Character.forDigit((c >> shift) & 0xF, 16));
        }
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}
