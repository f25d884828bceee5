package io.dormouse.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.ConnectionRegistry;
import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.observe.timeline.Timeline;
import io.dormouse.observe.timeline.TimelineRecorder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimelineFileTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "day.html, <!DOCTYPE html>, a browser",
    "day.svg, <svg xmlns, a browser",
    "day.JSON, traceEvents, ui.perfetto.dev",
  })
  void itsNameSaysWhatItIs(String name, String inside, String where) throws IOException {
    Path file = folder.resolve("new").resolve(name);

    assertThat(TimelineFile.write(timeline(), file))
        .isEqualTo("timeline: " + file + " (open it in " + where + ")");

    assertThat(Files.readString(file)).contains(inside);
  }

  @Test
  void itIsToldWhenThereIsNone() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));

    assertThat(TimelineFile.write(timeline(), file.resolve("timeline.html")))
        .startsWith("timeline: not written: ");
  }

  private static Timeline timeline() {
    try (ConnectionRegistry registry =
            ConnectionRegistry.builder(AppLifecycle.alwaysForeground()).build();
        TimelineRecorder recorder = TimelineRecorder.of(registry)) {
      return recorder.timeline();
    }
  }
}
