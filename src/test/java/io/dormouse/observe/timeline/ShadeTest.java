package io.dormouse.observe.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Contrast as WCAG 2.2 defines it, and colours as people see them who lack one kind of cone. */
class ShadeTest {
  /** Matrices for linear RGB, at full severity (Machado et al., 2009). */
  @SuppressWarnings("ImmutableEnumChecker")
  private enum Sight {
    COMMON(1, 0, 0, 0, 1, 0, 0, 0, 1),
    WITHOUT_RED(
        0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116,
        1.051998),
    WITHOUT_GREEN(
        0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881),
    WITHOUT_BLUE(
        1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367,
        0.303900);

    private final double[] matrix;

    Sight(double... matrix) {
      this.matrix = matrix;
    }

    double[] of(double[] rgb) {
      double[] seen = new double[3];
      for (int i = 0; i < 3; i++) {
        double sum = 0;
        for (int j = 0; j < 3; j++) {
          sum += matrix[3 * i + j] * rgb[j];
        }
        seen[i] = Math.max(0, Math.min(1, sum));
      }
      return seen;
    }
  }

  /** Far above the some 2 that are just noticeable side by side (CIE 1976). */
  private static final double DIFFERENT = 9;

  @ParameterizedTest
  @EnumSource
  void everyStateStandsOutFromThePageAndItsLabelFromIt(Page page) {
    for (Shade shade : Shade.values()) {
      assertThat(contrast(shade.on(page), page.background)).as("%s", shade).isGreaterThan(4.5);
      assertThat(contrast(shade.on(page), page.away)).as("%s", shade).isGreaterThan(3);
      assertThat(contrast(shade.on(page), page.panel)).as("%s", shade).isGreaterThan(3);
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyTextCanBeReadOnEverythingBehindIt(Page page) {
    for (String behind : List.of(page.background, page.away, page.panel)) {
      assertThat(contrast(page.ink, behind)).isGreaterThan(7);
      assertThat(contrast(page.pale, behind)).isGreaterThan(4.5);
      assertThat(contrast(page.focus, behind)).isGreaterThan(3);
    }
  }

  @ParameterizedTest
  @EnumSource
  void noTwoStatesLookAlikeToAnybody(Page page) {
    for (Sight sight : Sight.values()) {
      for (Shade one : Shade.values()) {
        for (Shade other : Shade.values()) {
          if (one.compareTo(other) < 0 && one.height == other.height) {
            assertThat(difference(one.on(page), other.on(page), sight))
                .as("%s and %s, %s", one, other, sight)
                .isGreaterThan(DIFFERENT);
          }
        }
      }
    }
  }

  private static double contrast(String one, String other) {
    double a = luminance(linear(one));
    double b = luminance(linear(other));
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }

  private static double luminance(double[] rgb) {
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
  }

  private static double[] linear(String colour) {
    double[] rgb = new double[3];
    for (int i = 0; i < 3; i++) {
      double c = Integer.parseInt(colour.substring(1 + 2 * i, 3 + 2 * i), 16) / 255.0;
      rgb[i] = c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
    }
    return rgb;
  }

  private static double difference(String one, String other, Sight sight) {
    double[] a = lab(sight.of(linear(one)));
    double[] b = lab(sight.of(linear(other)));
    return Math.sqrt(
        Math.pow(a[0] - b[0], 2) + Math.pow(a[1] - b[1], 2) + Math.pow(a[2] - b[2], 2));
  }

  /** CIE L*a*b*, of white as sRGB has it. */
  private static double[] lab(double[] rgb) {
    double x = cubeRoot((0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]) / 0.9505);
    double y = cubeRoot(luminance(rgb));
    double z = cubeRoot((0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]) / 1.089);
    return new double[] {116 * y - 16, 500 * (x - y), 200 * (y - z)};
  }

  private static double cubeRoot(double t) {
    return t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16.0 / 116;
  }
}
