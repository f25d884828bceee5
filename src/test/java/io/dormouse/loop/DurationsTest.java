package io.dormouse.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurationsTest {
  @ParameterizedTest
  @CsvSource({
    "PT0S, 0.0 ms",
    "PT0.0148S, 14.8 ms",
    "PT0.99S, 990.0 ms",
    "PT1S, 1.0 s",
    "PT3.618S, 3.6 s",
    "PT119S, 119.0 s",
    "PT2M, 2 min",
    "PT119M59S, 119 min",
    "PT2H, 2 h",
    "PT-0.5S, -500.0 ms"
  })
  void aTimeHasTheUnitThatSuitsIt(Duration time, String text) {
    assertThat(Durations.text(time)).isEqualTo(text);
  }
}
