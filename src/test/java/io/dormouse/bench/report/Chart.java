package io.dormouse.bench.report;

import java.util.List;
import java.util.Locale;

/** The ratios as bars, on a logarithmic scale: to the right of 1 Dormouse wins. */
record Chart(List<Row> rows) {
  private static final int LINE = 26;
  private static final int TOP = 60;
  private static final int LEFT = 330; // of the scale
  private static final int WIDTH = 420; // of the scale
  private static final double LOWEST = 0.1;
  private static final double HIGHEST = 1_000;
  private static final double[] TICKS = {0.1, 1, 10, 100, 1_000};

  @Override
  public String toString() {
    List<Row> shown = rows.stream().filter(row -> !Double.isNaN(row.ratio())).toList();
    int height = TOP + LINE * shown.size() + 20;
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1000 %d\" "
                + "font-family=\"sans-serif\" font-size=\"13\">%n"
                + "<rect width=\"1000\" height=\"%d\" fill=\"#ffffff\"/>%n"
                + "<text x=\"20\" y=\"24\" font-size=\"16\" fill=\"#1b1f24\">Dormouse beside others:"
                + " ratio, above 1 is a win</text>%n",
            height,
            height));
    legend(svg);
    for (double tick : TICKS) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<line x1=\"%1$.1f\" y1=\"%2$d\" x2=\"%1$.1f\" y2=\"%3$d\" stroke=\"%4$s\"/>%n"
                  + "<text x=\"%1$.1f\" y=\"%5$d\" text-anchor=\"middle\" fill=\"#57606a\">%6$s</text>%n",
              x(tick),
              TOP - 6,
              height - 14,
              tick == 1 ? "#1b1f24" : "#d0d7de",
              TOP - 12,
              Texts.number(tick)));
    }
    for (int i = 0; i < shown.size(); i++) {
      bar(svg, shown.get(i), TOP + LINE * i);
    }
    return svg.append("</svg>\n").toString();
  }

  private static void legend(StringBuilder svg) {
    String[][] entries = {{"#2da44e", "goal met"}, {"#cf222e", "not met"}, {"#8c959f", "no goal"}};
    int x = 640;
    for (String[] entry : entries) {
      svg.append(
          String.format(
              "<rect x=\"%d\" y=\"13\" width=\"14\" height=\"14\" fill=\"%s\"/>"
                  + "<text x=\"%d\" y=\"25\" fill=\"#1b1f24\">%s</text>%n",
              x, entry[0], x + 20, entry[1]));
      x += 115;
    }
  }

  private static void bar(StringBuilder svg, Row row, int y) {
    double from = Math.min(x(1), x(row.ratio()));
    double to = Math.max(x(1), x(row.ratio()));
    String colour = row.goal().isEmpty() ? "#8c959f" : row.met() ? "#2da44e" : "#cf222e";
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"#1b1f24\">%s</text>%n"
                + "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n"
                + "<text x=\"%d\" y=\"%d\" fill=\"#1b1f24\">%s</text>%n",
            LEFT - 12,
            y + 17,
            escaped(row.name() + " / " + row.peerName()),
            from,
            y + 4,
            Math.max(1, to - from),
            LINE - 8,
            colour,
            LEFT + WIDTH + 14,
            y + 17,
            escaped(
                Texts.number(row.ratio())
                    + (row.goal().isEmpty() ? "" : "  (" + row.goal() + ")"))));
  }

  private static double x(double ratio) {
    double clamped = Math.max(LOWEST, Math.min(HIGHEST, ratio));
    return LEFT + WIDTH * Math.log(clamped / LOWEST) / Math.log(HIGHEST / LOWEST);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
