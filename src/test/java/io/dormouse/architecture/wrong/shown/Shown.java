package io.dormouse.architecture.wrong.shown;

import io.dormouse.architecture.wrong.loop.Inner;
import java.util.List;

/** Breaks rules on purpose: shows an inner class, inside a generic type. */
public final class Shown {
  /** Shows it. */
  public List<Inner> inner() {
    return List.of();
  }
}
