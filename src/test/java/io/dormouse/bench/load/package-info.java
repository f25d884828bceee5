/** What do the contenders talk to? A server made for load, in a process of its own. */
package io.dormouse.bench.load;
