package io.dormouse.observe.jfr;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** Connections went to sleep. */
@Name("io.dormouse.Suspend")
@Label("Suspend")
@Description("Connections went to sleep: the app left the front, or a task ended")
@Category("Dormouse")
@StackTrace(false)
final class SuspendEvent extends Event {
  @Label("Took")
  @Description(
      "From when the app left the front, or the task ended, until the last socket was gone")
  @Timespan
  long took;

  @Label("Within Budget")
  boolean withinBudget;

  @Label("Sockets Left")
  @Description("Found open in the end, though no task covers them")
  int socketsLeft;

  @Label("Closed Cleanly")
  long closedCleanly;

  @Label("Aborted")
  long aborted;

  @Label("Kept by a Task")
  long kept;

  @Label("Was Not Open")
  long wasNotOpen;

  @Label("Stayed Open")
  long stayedOpen;

  @Label("Unsent Messages")
  long unsentMessages;

  @Label("Unsent Bytes")
  @DataAmount
  long unsentBytes;
}
