package io.dormouse.observe.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** Connections came back. */
@Name("io.dormouse.Resume")
@Label("Resume")
@Description("Connections came back, until the first attempt of each was over")
@Category("Dormouse")
@StackTrace(false)
final class ResumeEvent extends Event {
  @Label("Took")
  @Description("From the foreground until the last first attempt was over")
  @Timespan
  long took;

  @Label("Opened")
  long opened;

  @Label("Stayed Open")
  long stayedOpen;

  @Label("First Attempt Failed")
  long firstAttemptFailed;

  @Label("Called Off")
  long calledOff;
}
