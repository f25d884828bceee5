package io.dormouse.bench.report;

import java.util.List;
import java.util.Locale;

/**
 * The ratios as bars, on a logarithmic scale: to the right of 1 Dormouse wins. A tick on each bar
 * says how far it should reach; the rows of one contest stand together, with their values.
 */
record Chart(List<Row> rows) {
  private static final int WIDTH = 1240;
  private static final int LINE = 22;
  private static final int TOP = 64;

  // Where columns begin or, for values, end.
  private static final int NAME = 16;
  private static final int PEER = 196;
  private static final int VALUES = 634;
  private static final int SCALE = 668;
  private static final int SCALE_WIDTH = 380;
  private static final int RATIO = SCALE + SCALE_WIDTH + 14;

  private static final double LOWEST = 0.1;
  private static final double HIGHEST = 1_000;
  private static final double[] TICKS = {0.1, 1, 10, 100, 1_000};

  private static final String INK = "#1b1f24";
  private static final String PALE = "#57606a";
  private static final String GRID = "#d0d7de";
  private static final String MET = "#2da44e";
  private static final String NOT_MET = "#cf222e";
  private static final String NO_GOAL = "#8c959f";

  @Override
  public String toString() {
    int height = TOP + LINE * rows.size() + 16;
    StringBuilder svg = new StringBuilder();
    add(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
            + " font-family=\"sans-serif\" font-size=\"12\">",
        WIDTH,
        height);
    box(svg, 0, 0, WIDTH, height, "#ffffff");
    add(
        svg,
        "<text x=\"%d\" y=\"24\" font-size=\"16\" fill=\"%s\">Dormouse beside others: how many"
            + " times better, above 1 is a win</text>",
        NAME,
        INK);
    legend(svg);
    for (double tick : TICKS) {
      upright(svg, x(tick), TOP - 6, height - 10, 1, tick == 1 ? INK : GRID);
      text(svg, x(tick), TOP - 12, "middle", PALE, Texts.number(tick));
    }
    text(svg, VALUES, TOP - 12, "end", PALE, "Dormouse : other");
    for (int i = 0; i < rows.size(); i++) {
      boolean begins = i == 0 || !rows.get(i).isOfOneContestWith(rows.get(i - 1));
      line(svg, rows.get(i), TOP + LINE * i, begins);
    }
    return svg.append("</svg>\n").toString();
  }

  private static void legend(StringBuilder svg) {
    String[][] entries = {{MET, "goal met"}, {NOT_MET, "not met"}, {NO_GOAL, "no goal"}};
    int x = SCALE + 130;
    for (String[] entry : entries) {
      box(svg, x, 13, 14, 14, entry[0]);
      text(svg, x + 20, 25, "start", INK, entry[1]);
      x += 100;
    }
    upright(svg, x, 12, 28, 3, INK);
    text(svg, x + 10, 25, "start", INK, "the goal");
  }

  private static void line(StringBuilder svg, Row row, int y, boolean begins) {
    int base = y + 15;
    if (begins) {
      box(svg, NAME, y, WIDTH - 2.0 * NAME, 1, GRID);
      text(svg, NAME, base, "start", INK, row.name());
    }
    String ours = Texts.number(row.ours().median());
    String values = row.peer().map(peer -> ours + " : " + Texts.number(peer.median())).orElse(ours);
    text(svg, PEER, base, "start", INK, row.peerName().isEmpty() ? "by itself" : row.peerName());
    text(svg, VALUES, base, "end", PALE, values + " " + row.unit());
    String colour = row.goal().isEmpty() ? NO_GOAL : row.met() ? MET : NOT_MET;
    bar(svg, row, y, colour);
    String ratio = Double.isNaN(row.ratio()) ? "" : Texts.ratio(row.ratio()) + "  ";
    String verdict = row.goal().isEmpty() ? "" : "(" + row.goal() + ")";
    text(svg, RATIO, base, "start", row.met() ? INK : colour, ratio + verdict);
  }

  private static void bar(StringBuilder svg, Row row, int y, String colour) {
    if (!Double.isNaN(row.ratio())) {
      double from = Math.min(x(1), x(row.ratio()));
      double to = Math.max(x(1), x(row.ratio()));
      box(svg, from, y + 4, Math.max(2, to - from), LINE - 7, colour);
      if (row.ratio() > HIGHEST) { // it goes on
        box(svg, to - 10, y + 4, 3, LINE - 7, "#ffffff");
      }
    }
    if (!Double.isNaN(row.goalRatio())) {
      upright(svg, x(row.goalRatio()), y + 2, y + LINE - 1, 3, INK);
    }
  }

  private static double x(double ratio) {
    double clamped = Math.max(LOWEST, Math.min(HIGHEST, ratio));
    return SCALE + SCALE_WIDTH * Math.log(clamped / LOWEST) / Math.log(HIGHEST / LOWEST);
  }

  private static void box(
      StringBuilder svg, double x, double y, double width, double height, String colour) {
    add(
        svg,
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>",
        x,
        y,
        width,
        height,
        colour);
  }

  private static void upright(
      StringBuilder svg, double x, int from, int to, int width, String colour) {
    box(svg, x - width / 2.0, from, width, to - from, colour);
  }

  private static void text(
      StringBuilder svg, double x, int y, String anchor, String colour, String text) {
    add(
        svg,
        "<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\" fill=\"%s\">%s</text>",
        x,
        y,
        anchor,
        colour,
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"));
  }

  private static void add(StringBuilder svg, String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
