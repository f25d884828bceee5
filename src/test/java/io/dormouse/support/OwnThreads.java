package io.dormouse.support;

import java.util.List;
import java.util.stream.Collectors;

/** The live threads of this process that are the library's own. */
public final class OwnThreads {
  private OwnThreads() {}

  /** Returns their names, sorted. */
  public static List<String> names() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .map(Thread::getName)
        .filter(name -> name.startsWith("dormouse-"))
        .sorted()
        .collect(Collectors.toList());
  }

  /** Waits until none is left but those that had been there before. */
  public static void awaitNoneBesides(List<String> before) {
    Await.until("no thread is left", () -> before.containsAll(names()));
  }
}
