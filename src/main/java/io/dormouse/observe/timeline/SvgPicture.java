package io.dormouse.observe.timeline;

import java.util.Locale;

/** The picture: all of a timeline, as wide as a page of text. */
final class SvgPicture {
  private static final int WIDTH = 960;
  private static final int LABEL = 210;
  private static final int TOP = 94;
  private static final int ROW = 30;

  /** How wide a character is at most, but for few, in any sans-serif of 12 pixels. */
  private static final double CHARACTER = 8.6;

  /** The same from the first of Hangul on, such as Chinese. */
  private static final double WIDE_CHARACTER = 13;

  private static final int FIRST_WIDE = 0x1100;

  private static final String BACKGROUND = "background";

  private final StringBuilder svg = new StringBuilder();
  private final Timeline timeline;
  private final Layout layout;

  private SvgPicture(Timeline timeline) {
    this.timeline = timeline;
    this.layout = new Layout(LABEL, WIDTH - LABEL - 16, timeline.micros());
  }

  static String of(Timeline timeline, String title) {
    return new SvgPicture(timeline).drawn(title);
  }

  private String drawn(String title) {
    int bottom = TOP + ROW * timeline.rows().size() + 8;
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\""
            + " font-family=\"sans-serif\" font-size=\"12\">",
        WIDTH, bottom);
    add("<title>%s</title>", Escaped.xml(title));
    add("<desc>%s</desc>", Escaped.xml(timeline.summary()));
    add("<style>%s</style>", style());
    add("<rect class=\"page\" width=\"%d\" height=\"%d\"/>", WIDTH, bottom);
    add(
        "<text x=\"12\" y=\"22\" font-size=\"15\">%s</text>",
        Escaped.xml(fit(title, (WIDTH - 24) * 0.8)));
    legend();
    for (Timeline.Away away : timeline.away()) {
      double left = layout.x(away.from());
      double width = layout.x(away.to()) - left;
      add(
          "<rect class=\"away\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"><title>the app was"
              + " in the background</title></rect>",
          left, TOP - 38, width, bottom - TOP + 34);
      if (width > CHARACTER * BACKGROUND.length()) {
        add(
            "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" font-size=\"11\">%s</text>",
            left + width / 2, TOP - 26, BACKGROUND);
      }
    }
    axis(bottom);
    int top = TOP;
    for (Row row : timeline.rows()) {
      row(row, top);
      top += ROW;
    }
    return svg.append("</svg>\n").toString();
  }

  private static String style() {
    return Page.LIGHT.rules()
        + "@media (prefers-color-scheme: dark) {\n"
        + Page.DARK.rules()
        + "}\n";
  }

  private void legend() {
    double x = 12;
    for (Shade shade : Shade.values()) {
      int height = Math.min(12, shade.height);
      add(
          "<rect class=\"st-%s\" x=\"%.1f\" y=\"%d\" width=\"12\" height=\"%d\"/>",
          shade, x, 42 - height / 2, height);
      add("<text x=\"%.1f\" y=\"46\">%s</text>", x + 17, shade.words());
      x += 17 + CHARACTER * shade.words().length() + 14;
    }
    add("<rect class=\"away\" x=\"%.1f\" y=\"36\" width=\"12\" height=\"12\"/>", x);
    add("<text x=\"%.1f\" y=\"46\">%s</text>", x + 17, BACKGROUND);
  }

  private void axis(int bottom) {
    for (long tick : layout.ticks(90)) {
      double x = layout.x(tick);
      add(
          "<line class=\"rule\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>",
          x, x, TOP - 4, bottom - 4);
      String anchor = tick == 0 ? "start" : x > WIDTH - 60 ? "end" : "middle";
      add(
          "<text class=\"pale\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s</text>",
          x, TOP - 9, anchor, tick == 0 ? "0" : Texts.time(tick));
    }
  }

  private void row(Row row, int top) {
    int base = top + 19;
    add("<text x=\"12\" y=\"%d\">%s</text>", base, Escaped.xml(fit(row.name(), LABEL - 66)));
    add(
        "<text class=\"pale\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>",
        LABEL - 10, base, Escaped.xml(row.kind().equals("WEBSOCKET") ? "WS" : row.kind()));
    for (Layout.Box box : layout.boxes(row.spans())) {
      Span span = box.span();
      int height = span.state().height;
      String told = Texts.told(row, span);
      if (box.spans() > 1) {
        told += "\nand " + Texts.count(box.spans() - 1, "state") + " more";
      }
      add(
          "<rect class=\"st-%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"><title>%s</title>"
              + "</rect>",
          span.state(),
          box.left(),
          top + 5 + (Shade.HIGH - height) / 2,
          box.width(),
          height,
          Escaped.xml(told));
      String label = span.state() == Shade.TASK ? row.name() : span.state().name();
      if (height == Shade.HIGH && box.width() > CHARACTER * Math.min(label.length(), 4) + 8) {
        add(
            "<text class=\"on\" x=\"%.1f\" y=\"%d\" pointer-events=\"none\">%s</text>",
            box.left() + 4, base, Escaped.xml(fit(label, box.width() - 8)));
      }
    }
  }

  /** Shortens a text to what surely has room: a picture can't measure the font it is shown in. */
  private static String fit(String text, double width) {
    double used = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      used += c < FIRST_WIDE ? CHARACTER : WIDE_CHARACTER;
      if (used > width) {
        int end = Math.max(0, i - 1);
        boolean splits = end > 0 && Character.isHighSurrogate(text.charAt(end - 1));
        return text.substring(0, splits ? end - 1 : end) + "\u2026";
      }
      i += Character.charCount(c);
    }
    return text;
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
