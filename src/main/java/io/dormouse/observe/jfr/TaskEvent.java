package io.dormouse.observe.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A long-running task. */
@Name("io.dormouse.Task")
@Label("Long-Running Task")
@Description("A task that kept connections wanted in the background, from its start to its end")
@Category("Dormouse")
@StackTrace(false)
final class TaskEvent extends Event {
  @Label("Task")
  @Nullable String task;

  @Label("Covers")
  @Description("The names of the connections it covers; all, if none is named")
  @Nullable String covers;

  @Label("Ending")
  @Description("CLOSED, EXPIRED or REVOKED")
  @Nullable String ending;
}
