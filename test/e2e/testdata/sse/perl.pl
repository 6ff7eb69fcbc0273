# A consumer with nothing but Perl's sockets, which speaks HTTP/1.0: prints the data of every event, goes on with the last id after every cut, ends with
# the event "last".
use strict;
use warnings;
use IO::Socket::INET;
$| = 1;

my ($host, $port, $path) = $ARGV[0] =~ m{^http://([^:/]+):(\d+)(/.*)$} or die "no URL: $ARGV[0]\n";
my $last_id;
while (1) {
	my $socket = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port, Timeout => 30) or next;
	print $socket "GET $path HTTP/1.0\r\nAccept: text/event-stream\r\n", defined $last_id ? "Last-Event-ID: $last_id\r\n" : "", "\r\n";
	my $status = <$socket> // next;
	die "$status" if $status =~ m{^HTTP/1\.\d (?!200)};
	while (defined(my $line = <$socket>)) { last if $line =~ /^\r?\n$/ }
	my ($id, @data) = ($last_id);
	while (defined(my $line = <$socket>)) {
		last unless $line =~ s/\r?\n$//;    # cut within a line
		if ($line eq "") {
			$last_id = $id;
			if (@data) {
				print join("\n", @data), "\n";
				exit 0 if $data[0] =~ /"test":"last"/;
			}
			@data = ();
		} elsif ($line =~ /^data: ?(.*)/) {
			push @data, $1;
		} elsif ($line =~ /^id: ?(.*)/) {
			$id = $1;
		}
	}
	print STDERR "cut\n";
}
