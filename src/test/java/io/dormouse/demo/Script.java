package io.dormouse.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

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
    Step.Outcome outcome;
    String seen;
    try {
      if (scene.obstacle().isEmpty()) {
        seen = scene.play().call();
        outcome = Step.Outcome.OK;
      } else {
        seen = scene.obstacle();
        outcome = Step.Outcome.SKIPPED;
        notes.say("skipped: " + seen);
      }
    } catch (Exception e) {
      seen = UnexpectedException.seen(e);
      outcome = Step.Outcome.FAILED;
      notes.say("FAILED: expected " + scene.expected() + ", seen " + seen);
    }
    Duration took = Format.since(began);
    notes.end();
    return new Step(scene.name(), scene.expected(), seen, outcome, took);
  }

  private static Step notReached(Scene scene) {
    return new Step(
        scene.name(), scene.expected(), "not reached", Step.Outcome.NOT_REACHED, Duration.ZERO);
  }
}
