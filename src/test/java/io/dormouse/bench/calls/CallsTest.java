package io.dormouse.bench.calls;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.bench.Round;
import io.dormouse.bench.Setting;
import io.dormouse.bench.load.LoadServer;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallsTest {
  @ParameterizedTest
  @CsvSource({
    "dormouse, HTTP_1_1",
    "dormouse, H2_PRIOR_KNOWLEDGE",
    "okhttp, HTTP_1_1",
    "okhttp, H2_PRIOR_KNOWLEDGE"
  })
  void eachCallIsAnswered(String library, String protocol) throws Exception {
    try (LoadServer server = LoadServer.start();
        Calls calls = new Calls(new Setting(server.ports(), library, List.of(protocol, "1")))) {
      for (int i = 0; i < 2; i++) {
        Round round = calls.play();
        assertThat(round.missing()).isZero();
        assertThat(round.value()).isPositive();
      }
    }
  }
}
