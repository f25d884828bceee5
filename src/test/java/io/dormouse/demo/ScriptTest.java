package io.dormouse.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a step says of itself is what it has counted. */
class ScriptTest {
  private static final List<Expected> EXPECTED =
      List.of(
          Expected.exactly(4, "open"),
          Expected.atLeast(3, "answer"),
          Expected.exactly(1, "socket"));

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @Test
  void whatWasCountedAsExpectedIsRight() {
    Step step =
        play(
            seen -> {
              seen.put("open", 4);
              seen.put("answer", 5);
              seen.put("socket", 1);
            });

    assertThat(step.outcome()).isEqualTo(Step.Outcome.OK);
    assertThat(step.expected()).isEqualTo("4 open, 3+ answer, 1 socket");
    assertThat(step.seen()).isEqualTo("4 open, 5 answer, 1 socket");
  }

  @Test
  void anotherNumberIsAFailure() {
    Step tooFew =
        play(
            seen -> {
              seen.put("open", 4);
              seen.put("answer", 2);
              seen.put("socket", 1);
            });
    Step tooMany =
        play(
            seen -> {
              seen.put("open", 4);
              seen.put("answer", 4);
              seen.put("socket", 2);
            });

    assertThat(tooFew.outcome()).isEqualTo(Step.Outcome.FAILED);
    assertThat(tooFew.seen()).isEqualTo("4 open, 2 answer, 1 socket");
    assertThat(tooMany.outcome()).isEqualTo(Step.Outcome.FAILED);
    assertThat(tooMany.seen()).isEqualTo("4 open, 4 answer, 2 sockets");
  }

  @Test
  void whatWasNotCountedWasNotSeen() {
    Step step = play(seen -> seen.put("open", 4));

    assertThat(step.outcome()).isEqualTo(Step.Outcome.FAILED);
    assertThat(step.seen()).isEqualTo("4 open");
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("FAILED: expected 4 open, 3+ answer, 1 socket; seen: 4 open");
  }

  @Test
  void anExceptionIsAFailureWhateverWasCounted() {
    Step step =
        play(
            seen -> {
              seen.put("open", 4);
              seen.put("answer", 4);
              seen.put("socket", 1);
              throw new IOException("no more");
            });

    assertThat(step.outcome()).isEqualTo(Step.Outcome.FAILED);
    assertThat(step.seen()).isEqualTo("4 open, 4 answer, 1 socket; java.io.IOException: no more");
  }

  @Test
  void whatFollowsAFailureIsNotReachedAndSaysNothing() {
    Scene failing = new Scene("one", EXPECTED, seen -> {});
    Scene next = new Scene("two", EXPECTED, seen -> seen.put("open", 4));

    List<Step> steps = script(failing, next).play();

    assertThat(steps)
        .extracting(Step::outcome)
        .containsExactly(Step.Outcome.FAILED, Step.Outcome.NOT_REACHED);
    assertThat(steps.get(0).seen()).isEmpty();
    assertThat(steps.get(1).seen()).isEqualTo("not reached");
    assertThat(new Summary(steps).isGood()).isFalse();
  }

  @Test
  void whatCantBePlayedIsSkippedAndTheRestGoesOn() {
    Scene obstructed =
        new Scene(
            "one",
            EXPECTED,
            "no server here",
            seen -> {
              throw new AssertionError("played");
            });
    Scene next = new Scene("two", List.of(), seen -> {});

    List<Step> steps = script(obstructed, next).play();

    assertThat(steps)
        .extracting(Step::outcome)
        .containsExactly(Step.Outcome.SKIPPED, Step.Outcome.OK);
    assertThat(steps.get(0).seen()).isEqualTo("no server here");
  }

  private Step play(Scene.Play play) {
    return script(new Scene("one", EXPECTED, play)).play().get(0);
  }

  private Script script(Scene... scenes) {
    Display display = Display.plain(new PrintStream(out, true, StandardCharsets.UTF_8), 200);
    return new Script(List.of(scenes), new Notes(display));
  }
}
