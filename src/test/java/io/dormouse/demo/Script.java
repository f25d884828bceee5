package io.dormouse.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Plays scenes one after the other. */
final class Script {
  private final List<Scene> scenes;
  private final Notes notes;

  Script(List<Scene> scenes, Notes notes) {
    this.scenes = List.copyOf(scenes);
    this.notes = notes;
  }

  /** Plays them up to the first that fails: the rest builds on it. */
  List<Step> play() {
    List<Step> steps = new ArrayList<>();
    boolean failed = false;
    for (Scene scene : scenes) {
      Step step = failed ? notReached(scene) : play(scene);
      failed |= step.outcome() == Step.Outcome.FAILED;
      steps.add(step);
    }
    return steps;
  }

  private Step play(Scene scene) {
    notes.begin(scene);
    long began = System.nanoTime();
    String seen;
    Step.Outcome outcome;
    if (!scene.obstacle().isEmpty()) {
      seen = scene.obstacle();
      outcome = Step.Outcome.SKIPPED;
      notes.say("skipped: " + seen);
    } else {
      Counts counts = new Counts();
      String problem = problem(scene, counts);
      boolean right = problem.isEmpty() && scene.expected().stream().allMatch(counts::show);
      seen =
          Stream.of(counts.toString(), problem)
              .filter(part -> !part.isEmpty())
              .collect(Collectors.joining("; "));
      outcome = right ? Step.Outcome.OK : Step.Outcome.FAILED;
      if (!right) {
        notes.say("FAILED: expected " + scene.expectation() + "; seen: " + seen);
      }
    }
    Duration took = Format.since(began);
    notes.end();
    return new Step(scene.name(), scene.expectation(), seen, outcome, took);
  }

  /** Plays it, and returns what kept it from its end; empty if nothing did. */
  private static String problem(Scene scene, Counts counts) {
    try {
      scene.play().play(counts);
      return "";
    } catch (Exception e) {
      return UnexpectedException.seen(e);
    }
  }

  private static Step notReached(Scene scene) {
    return new Step(
        scene.name(), scene.expectation(), "not reached", Step.Outcome.NOT_REACHED, Duration.ZERO);
  }
}
