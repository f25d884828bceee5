package io.dormouse.architecture.wrong.loop;

import io.dormouse.architecture.wrong.FrontDoor;
import io.dormouse.architecture.wrong.shown.Shown;

/** Breaks rules on purpose: an inner room that knows the front door, and one half of a circle. */
public final class Inner {
  /** The circle. */
  public Shown shown;

  /** The front door. */
  public FrontDoor door;
}
