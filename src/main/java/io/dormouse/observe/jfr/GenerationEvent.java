package io.dormouse.observe.jfr;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** One life of a connection. */
@Name("io.dormouse.Generation")
@Label("Generation")
@Description("One life of a connection, from its attempt to the end of its socket")
@Category("Dormouse")
@StackTrace(false)
final class GenerationEvent extends Event {
  @Label("Connection")
  @Nullable String connection;

  @Label("Kind")
  @Nullable String kind;

  @Label("Generation")
  @Description("The number of the attempt, since the connection was registered")
  long generation;

  @Label("Address")
  @Nullable String address;

  @Label("Lasted")
  @Description("By the registry's clock; right also if it began before the recording did")
  @Timespan
  long lasted;

  @Label("Was Open")
  boolean wasOpen;

  @Label("Until Open")
  @Description("From the beginning of the attempt until it was open; 0 if it never was")
  @Timespan
  long untilOpen;

  @Label("Bytes In")
  @DataAmount
  long bytesIn;

  @Label("Bytes Out")
  @DataAmount
  long bytesOut;

  @Label("Reason")
  @Description("Why it ended: the name of a CloseReason.Kind")
  @Nullable String reason;

  @Label("Detail")
  @Nullable String detail;
}
