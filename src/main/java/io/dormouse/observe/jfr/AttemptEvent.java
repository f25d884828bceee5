package io.dormouse.observe.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** One attempt of a connection to open. */
@Name("io.dormouse.Attempt")
@Label("Attempt")
@Description("One attempt of a connection to open, from the look-up to the app's preparation")
@Category("Dormouse")
@StackTrace(false)
final class AttemptEvent extends Event {
  @Label("Connection")
  @Nullable String connection;

  @Label("Kind")
  @Nullable String kind;

  @Label("Generation")
  @Description("The number of the attempt, since the connection was registered")
  long generation;

  @Label("Address")
  @Nullable String address;

  @Label("Took")
  @Description("By the registry's clock; right also if it began before the recording did")
  @Timespan
  long took;

  @Label("Succeeded")
  boolean succeeded;

  @Label("Reason")
  @Description("Why it did not: the name of a CloseReason.Kind; null if it did")
  @Nullable String reason;

  @Label("Detail")
  @Nullable String detail;
}
