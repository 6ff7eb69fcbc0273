// A consumer with Node's fetch, which asks for compression: prints the data of every event, goes on with the last id after every cut, ends with the event "last".
let lastID;
for (;;) {
	try {
		const headers = { Accept: 'text/event-stream' };
		if (lastID !== undefined) headers['Last-Event-ID'] = lastID;
		const response = await fetch(process.argv[2], { headers });
		if (response.status !== 200) {
			console.error(response.status, await response.text());
			process.exit(1);
		}
		let text = '';
		let data = [];
		let id = lastID;
		for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
			const lines = (text + chunk).split('\n');
			text = lines.pop();
			for (const line of lines) {
				if (line.startsWith('data: ')) data.push(line.slice(6));
				if (line.startsWith('id: ')) id = line.slice(4);
				if (line !== '') continue;
				lastID = id;
				if (data.length > 0) {
					console.log(data.join('\n'));
					if (data[0].includes('"test":"last"')) process.exit(0);
				}
				data = [];
			}
		}
	} catch (error) {
		console.error('cut:', error.message);
	}
}
