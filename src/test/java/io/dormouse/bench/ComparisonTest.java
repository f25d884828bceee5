package io.dormouse.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.bench.Contest.Better;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final List<Double> OURS = List.of(10.0, 30.0, 80.0);
  private static final List<Double> PEER = List.of(5.0, 10.0, 80.0);

  @Test
  void mediansAreComparedByThemselves() {
    assertThat(Comparison.MEDIANS.ratio(Better.HIGHER, OURS, PEER)).isEqualTo(3);
    assertThat(Comparison.MEDIANS.ratio(Better.LOWER, PEER, OURS)).isEqualTo(3);
  }

  @Test
  void pairsAreComparedRoundByRound() {
    assertThat(Comparison.PAIRS.ratio(Better.HIGHER, OURS, PEER)).isEqualTo(2);
    assertThat(Comparison.PAIRS.ratio(Better.LOWER, PEER, OURS)).isEqualTo(2);
  }

  @Test
  void failedRoundsDoNotCount() {
    List<Double> failed = List.of(Double.NaN, 30.0, Double.NaN);
    assertThat(Comparison.PAIRS.ratio(Better.HIGHER, failed, PEER)).isEqualTo(3);
    assertThat(Comparison.spread(failed).rounds()).isEqualTo(1);
  }

  @Test
  void whereAllRoundsFailedThereIsNoRatio() {
    List<Double> failed = List.of(Double.NaN, Double.NaN, Double.NaN);
    assertThat(Comparison.PAIRS.ratio(Better.LOWER, OURS, failed)).isNaN();
    assertThat(Comparison.MEDIANS.ratio(Better.LOWER, OURS, failed)).isNaN();
  }
}
