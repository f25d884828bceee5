package io.dormouse.bench.micro;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StubsTest {
  @Test
  void jmhFindsEachMethodAndNoStubOfAnEarlierRun(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("Stale.java"), "class Stale extends Gone {}");
    Stubs.make(folder, Micro.ALL.stream().<Class<?>>map(Micro::benchmark).toList());
    String list = Files.readString(folder.resolve("META-INF/BenchmarkList"));
    for (Micro micro : Micro.ALL) {
      for (String method : micro.methods()) {
        String name = method.substring(method.lastIndexOf('.') + 1);
        assertThat(list).contains(micro.benchmark().getName()).contains(" " + name + " ");
      }
    }
  }

  @Test
  void eachPeerHasItsRowAndWhatDidNotComeIsSaid() {
    Micro timer = Micro.ALL.get(0);
    List<String> methods = timer.methods();
    assertThat(
            timer.rows(
                Map.of(methods.get(0), List.of(2.0), methods.get(1), List.of(6.0, 7.0, 8.0))))
        .satisfiesExactly(
            row -> {
              assertThat(row.ratio()).isEqualTo(3.5);
              assertThat(row.remark()).isEmpty();
            },
            row -> {
              assertThat(row.ratio()).isNaN();
              assertThat(row.remark()).isEqualTo("Netty's HashedWheelTimer: no result in time");
            });
  }
}
